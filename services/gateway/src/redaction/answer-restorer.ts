import { placeholderBeginning, restoreText } from "./text-redaction.ts";

type Json = Record<string, unknown>;

const textFields = ["content", "reasoning_content", "refusal"];

/**
 * Puts values back in the place of their placeholders, in a whole answer or in the events of a stream. A placeholder
 * may lie across events, so the end of a piece that could begin one is held back until the next.
 */
export class AnswerRestorer {
  readonly #values: ReadonlyMap<string, string>;
  /** What is held back, by choice and part of it. */
  readonly #held = new Map<string, string>();

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  /** A whole answer, or part of one that is not streamed. */
  whole(answer: Json): Json {
    if (!Array.isArray(answer.choices)) return answer;
    const choices = (answer.choices as Json[]).map((choice) => {
      if (typeof choice.text === "string") return { ...choice, text: restoreText(choice.text, this.#values, false) };
      const message = { ...(choice.message as Json | undefined) };
      for (const field of textFields)
        if (typeof message[field] === "string") message[field] = restoreText(message[field], this.#values, false);
      if (Array.isArray(message.tool_calls)) {
        message.tool_calls = (message.tool_calls as Json[]).map((call) => {
          const called = call.function as Json | undefined;
          if (typeof called?.arguments !== "string") return call;
          return { ...call, function: { ...called, arguments: restoreText(called.arguments, this.#values, true) } };
        });
      }
      return { ...choice, message };
    });
    return { ...answer, choices };
  }

  /** One event of a stream; the one with a finish carries what was still held back. */
  event(event: Json): Json {
    const choices = (event.choices as Json[]).map((choice) => this.#choice(choice));
    return { ...event, choices };
  }

  #choice(choice: Json): Json {
    const index = String(choice.index ?? 0);
    const isLast = choice.finish_reason != null;
    const delta = choice.delta as Json | undefined;
    if (delta === undefined) return { ...choice, text: this.#text(`${index}/text`, choice.text, isLast) };
    const restored: Json = { ...delta };
    for (const field of textFields) {
      const text = this.#text(`${index}/${field}`, delta[field], isLast);
      if (text !== "" || typeof delta[field] === "string") restored[field] = text;
    }
    const calls = this.#calls(index, (delta.tool_calls as Json[] | undefined) ?? [], isLast);
    if (calls.length > 0) restored.tool_calls = calls;
    return { ...choice, delta: restored };
  }

  #calls(index: string, calls: readonly Json[], isLast: boolean): Json[] {
    const restored = calls.map((call) => {
      const called = call.function as Json | undefined;
      if (typeof called?.arguments !== "string") return call;
      const text = this.#text(`${index}/call/${String(call.index ?? 0)}`, called.arguments, isLast, true);
      return { ...call, function: { ...called, arguments: text } };
    });
    if (!isLast) return restored;
    for (const key of [...this.#held.keys()].filter((held) => held.startsWith(`${index}/call/`))) {
      const text = this.#text(key, "", true, true);
      if (text !== "")
        restored.push({ index: Number(key.slice(key.lastIndexOf("/") + 1)), function: { arguments: text } });
    }
    return restored;
  }

  #text(key: string, piece: unknown, isLast: boolean, isInJson = false): string {
    const text = (this.#held.get(key) ?? "") + (typeof piece === "string" ? piece : "");
    const open = isLast ? -1 : text.search(placeholderBeginning);
    if (open === -1) this.#held.delete(key);
    else this.#held.set(key, text.slice(open));
    return restoreText(open === -1 ? text : text.slice(0, open), this.#values, isInJson);
  }
}
