import type { RelaySink } from "../relay.ts";
import type { Json } from "../request-fields.ts";

/** Sends an answer that is there already, as a stream where the caller asked for one. */
export function replay(answer: Json, sink: RelaySink, isStream: boolean): void {
  if (isStream) for (const event of eventsOf(answer)) sink.pass(event);
  else sink.whole(answer);
  sink.end();
}

/** The events that an engine would have sent: role, the answer in one piece, finish, usage. */
function eventsOf(answer: Json): Json[] {
  const envelope = { created: answer.created, object: "chat.completion.chunk" };
  const events = (answer.choices as Json[]).flatMap((choice) => {
    const { role: _, tool_calls: calls, ...message } = (choice.message ?? {}) as Json;
    const { index, logprobs = null, finish_reason, stop_reason = null } = choice;
    const toolCalls = Array.isArray(calls)
      ? { tool_calls: (calls as Json[]).map((call, position) => ({ index: position, ...call })) }
      : {};
    const event = (delta: Json, end: Json) => ({ ...envelope, choices: [{ index, delta, ...end }] });
    return [
      event({ role: "assistant", content: "" }, { logprobs: null, finish_reason: null }),
      event({ ...message, ...toolCalls }, { logprobs, finish_reason: null }),
      event({}, { logprobs: null, finish_reason, stop_reason }),
    ];
  });
  return [...events, { ...envelope, choices: [], usage: answer.usage }];
}
