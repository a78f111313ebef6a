import { deadline } from "../../../shared/src/deadline.ts";
import { authorizationOf } from "./authorization.ts";
import { bounded, isNeverConnected, OutcomeUnknown } from "./outcome.ts";
import type { HttpToolSettings } from "./settings.ts";

/** A proxy's words for "somebody behind me may or may not have got it". */
const isAnsweredForAnother = (status: number) => status === 502 || status === 504;

/** Posts the arguments and returns the answer's text. The key is the same in every attempt of one call. */
export async function postCall(
  tool: HttpToolSettings,
  key: string,
  args: unknown,
  signal: AbortSignal | undefined,
): Promise<string> {
  const answer = await post(tool, tool.url, key, args, signal);
  if (answer === null) return "The tool cannot be reached, or its token cannot be read; it was not asked.";
  if (isAnsweredForAnother(answer.status)) throw new OutcomeUnknown(`The tool answered ${answer.status}.`);
  return answer.status < 300 ? answer.text : `The tool answered ${answer.status}: ${answer.text}`;
}

/** The result of a call that may have happened; null when the tool says that it did not. */
export async function findCall(
  tool: HttpToolSettings,
  key: string,
  args: unknown,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const answer = await post(tool, tool.reconcile ?? tool.url, key, { key, arguments: args }, signal);
  if (answer?.status === 200) return answer.text;
  if (answer?.status === 404) return null;
  throw new OutcomeUnknown("The tool does not say whether the call took place.");
}

async function post(
  tool: HttpToolSettings,
  url: string,
  key: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<{ status: number; text: string } | null> {
  const limit = deadline(tool.timeoutSeconds * 1000, signal);
  let authorization: Record<string, string>;
  try {
    authorization = authorizationOf(tool.tokenFile);
  } catch {
    return null;
  }
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "error",
      headers: { ...authorization, "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify(body),
      signal: limit,
    });
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body ?? []) {
      parts.push(part);
      length += part.byteLength;
      if (length > tool.maxResultBytes) break;
    }
    return { status: response.status, text: bounded(Buffer.concat(parts).toString("utf8"), tool.maxResultBytes) };
  } catch (error) {
    if (signal?.aborted) throw error;
    if (isNeverConnected(error)) return null;
    throw new OutcomeUnknown(limit.aborted ? `No answer within ${tool.timeoutSeconds} s.` : "The connection broke.");
  }
}
