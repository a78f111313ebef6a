// An agent of your own: puts a message into one of your queues and says why. Copy the folder, rename it, change this file.

/** @param {import("../../src/agents/host.ts").AgentHost} host What graphs are built from; import nothing else. */
export default function triage({ agentKind, InputDoesNotFit, langgraph, messages, models, z }) {
  const { Annotation, END, START, StateGraph } = langgraph;
  const State = Annotation.Root({
    /** Input. */
    text: Annotation(),
    /** Output: a queue of the settings, and the reason in a sentence. */
    queue: Annotation(),
    reason: Annotation(),
  });
  return agentKind({
    // Checked when the replica starts. Unknown keys and wrong values stop it with a message that names them.
    settings: z.strictObject({
      model: models.modelSettings,
      queues: z.record(z.string(), z.string()).meta({ description: "What belongs into each queue, by its name." }),
    }),
    build(settings, checkpointer) {
      const model = new models.OpenAiCompatibleModel(settings.model);
      const schema = {
        type: "object",
        properties: { queue: { enum: Object.keys(settings.queues) }, reason: { type: "string" } },
        required: ["queue", "reason"],
      };
      const problemsOf = models.fitsSchema(schema);
      const list = Object.entries(settings.queues).map(([name, what]) => `${name}: ${what}`);
      async function choose({ text }, config) {
        if (typeof text !== "string" || text === "") throw new InputDoesNotFit("The input needs `text`.");
        const asked = [
          new messages.SystemMessage(`Choose the queue for the message, as JSON, and say why.\n${list.join("\n")}`),
          new messages.HumanMessage(text),
        ];
        // Kept in the ledger: after a crash the answer is taken from there.
        const { value } = await models.askForJson(
          model,
          { messages: asked, schema, problemsOf, maxRepairs: 1 },
          config,
        );
        return value;
      }
      return new StateGraph(State)
        .addNode("choose", choose)
        .addEdge(START, "choose")
        .addEdge("choose", END)
        .compile({ checkpointer });
    },
  });
}
