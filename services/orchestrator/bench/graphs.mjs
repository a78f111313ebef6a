/** The graphs that are measured, made of the libraries of whoever runs them: the same for the orchestrator and its peer. */

/** Five steps that do nothing but note when the first began. */
export function stepsGraph({ Annotation, StateGraph }) {
  const State = Annotation.Root({ beganAt: Annotation() });
  const steps = ["one", "two", "three", "four", "five"];
  return new StateGraph(State)
    .addSequence(steps.map((name) => [name, () => (name === "one" ? { beganAt: Date.now() } : {})]))
    .addEdge("__start__", "one");
}

/** A conversation: what was said stays, and each turn is answered in one word. */
export function talkGraph({ Annotation, StateGraph }) {
  const State = Annotation.Root({
    said: Annotation({ reducer: (before, more) => [...before, ...more], default: () => [] }),
  });
  return new StateGraph(State).addNode("answer", () => ({ said: ["yes"] })).addEdge("__start__", "answer");
}

/** One step that asks a URL and waits for its answer, as long as that takes. */
export function waitGraph({ Annotation, StateGraph }) {
  const State = Annotation.Root({ url: Annotation(), answer: Annotation() });
  return new StateGraph(State)
    .addNode("ask", async ({ url }) => ({ answer: await (await fetch(url, { method: "POST", body: "{}" })).text() }))
    .addEdge("__start__", "ask");
}
