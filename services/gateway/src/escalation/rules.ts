import type { Json } from "../request-fields.ts";
import type { EscalationRule } from "./escalation-settings.ts";
import { languageOf } from "./language.ts";

/** What rules can ask of a request. */
export interface Features {
  readonly promptTokens: number;
  readonly hasTools: boolean;
  readonly language: string | null;
  readonly tags: readonly string[];
}

export function featuresOf(body: Json, tags: unknown, promptTokens: number): Features {
  return {
    promptTokens,
    hasTools: Array.isArray(body.tools) && body.tools.length > 0,
    language: languageOf(lastQuestion(body)),
    tags: typeof tags === "string" ? tags.split(",").map((tag) => tag.trim()) : [],
  };
}

/** Name of the first rule all of whose conditions hold; null when there is none. */
export function ruleFor(rules: readonly EscalationRule[], features: Features): string | null {
  const { promptTokens, hasTools, language, tags } = features;
  const rule = rules.find(
    (one) =>
      (one.promptTokensAtLeast === undefined || promptTokens >= one.promptTokensAtLeast) &&
      (one.tools === undefined || one.tools === hasTools) &&
      (one.languages === undefined || (language !== null && one.languages.includes(language))) &&
      (one.tags === undefined || one.tags.some((tag) => tags.includes(tag))),
  );
  return rule?.name ?? null;
}

/** Text of the last message of the user. */
export function lastQuestion(body: Json): string {
  const message = (body.messages as Json[] | undefined)?.findLast(({ role }) => role === "user");
  return message === undefined ? "" : textOf(message.content);
}

/** Text of a message, its parts one under the other; images are left out. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return (content as Json[])
    .map(({ text }) => (typeof text === "string" ? text : ""))
    .filter((text) => text !== "")
    .join("\n");
}
