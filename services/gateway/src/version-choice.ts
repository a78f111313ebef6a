import { createHash } from "node:crypto";
import { ApiError } from "./api-error.ts";
import type { Caller } from "./identity.ts";
import type { Json } from "./request-fields.ts";
import type { Settings } from "./settings.ts";

const cohortHeader = "x-freehold-version";
const conversationHeader = "x-freehold-conversation";

export interface VersionChoice {
  readonly version: string;
  readonly reason: "cohort" | "conversation" | "prompt";
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** A number in (0, 1) that only the text decides. */
function draw(text: string): number {
  return (createHash("sha256").update(text).digest().readUInt32BE(0) + 0.5) / 2 ** 32;
}

/** What requests with the same beginning have in common: the first messages, or the start of a prompt. */
export function prefixOf(body: Json): string {
  const messages = body.messages as readonly Json[] | undefined;
  const first =
    messages === undefined ? (body.prompt ?? body.input) : messages.slice(0, messages[0]?.role === "system" ? 2 : 1);
  return JSON.stringify(first ?? null).slice(0, 2000);
}

/**
 * One version by weight, the same for a conversation as long as the weights stand. By weighted rendezvous hashing: a
 * changed weight moves only the share of conversations that it must move.
 */
export function chooseVersion(settings: Settings, caller: Caller, body: Json, headers: Headers): VersionChoice {
  const versions = settings.models[body.model as string]?.versions ?? {};
  const cohort = headers[cohortHeader];
  if (typeof cohort === "string") {
    if (Object.hasOwn(versions, cohort)) return { version: cohort, reason: "cohort" };
    throw new ApiError(400, "version_unknown", `\`${cohortHeader}\` names no version of this model.`, {
      param: cohortHeader,
    });
  }
  const conversation = headers[conversationHeader];
  const isConversation = typeof conversation === "string" && conversation !== "";
  const reason = isConversation ? "conversation" : "prompt";
  const taking = Object.entries(versions).filter(([, { weight }]) => weight > 0);
  // Most models have one version that takes all: there is nothing to draw.
  if (taking.length === 1 && taking[0] !== undefined) return { version: taking[0][0], reason };
  const subject = JSON.stringify([body.model, caller.tenant, isConversation ? conversation : prefixOf(body)]);
  let best: { version: string; score: number } | null = null;
  for (const [version, { weight }] of taking) {
    const score = -weight / Math.log(draw(`${subject}/${version}`));
    if (best === null || score > best.score) best = { version, score };
  }
  if (best === null)
    throw new ApiError(503, "no_version_serves", "No version of this model takes traffic.", { retryAfterSeconds: 30 });
  return { version: best.version, reason };
}
