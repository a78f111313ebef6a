import { entry } from "./entry.ts";

/** `a, b and c`, or `a` alone. */
function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** CFG-1xx: keys that are unknown or missing, values of another kind or form than the schema's. */
export const valueCodes = {
  "CFG-101": entry<{ key: string; where: string; purpose: string | null; allowed: readonly string[] }>({
    severity: "error",
    summary: "A required key is missing",
    title: ({ key, where }) => `The key ${key} is missing in ${where}.`,
    why: ({ key, purpose }) =>
      `${key} is required and has no default.${purpose === null ? "" : ` It means: ${purpose}`}`,
    fix: ({ key, where, allowed }) =>
      `Add ${key} to ${where}${allowed.length === 0 ? "." : `: ${allowed.map((a) => `"${a}"`).join(" or ")}.`}`,
    example: {
      key: "maxModelLen",
      where: "models.chat",
      purpose: "Longest prompt plus completion. Tokens.",
      allowed: [],
    },
  }),
  "CFG-102": entry<{
    key: string;
    where: string;
    known: readonly string[];
    nearest: string | null;
    /** The place further up that knows the key. */
    belongsTo: string | null;
    /** Members of a union that know the key, as `target: existing`. */
    members: readonly string[];
  }>({
    severity: "error",
    summary: "A key is not known",
    title: ({ key, where }) => `The key ${key} is not known in ${where}.`,
    why: ({ known, where, belongsTo, members, key }) => {
      const owner = members.length > 0 ? members.map((member) => `\`${member}\``).join(" and ") : belongsTo;
      return `${owner === null ? "" : `${key} belongs to ${owner}. `}Keys of ${where}: ${listed(known)}.`;
    },
    fix: ({ key, nearest, belongsTo, members }) => {
      if (members.length > 0) return `Write \`${members[0]}\` if that is meant, or remove ${key}.`;
      if (nearest !== null) return `Did you mean ${nearest}?`;
      return belongsTo === null ? `Remove ${key}.` : `Move ${key} to ${belongsTo}, or remove it.`;
    },
    example: {
      key: "maxModelLength",
      where: "models.chat",
      known: ["engine", "maxModelLen", "nodePool"],
      nearest: "maxModelLen",
      belongsTo: null,
      members: [],
    },
  }),
  "CFG-103": entry<{ key: string; expected: string; got: string; correction: string | null }>({
    severity: "error",
    summary: "A value is of another kind than expected",
    title: ({ key, expected, got }) => `${key} must be ${expected}; it is ${got}.`,
    why: ({ key, expected }) => `${key} is read as ${expected} and never converted from something else.`,
    fix: ({ expected, correction }) => (correction === null ? `Write ${expected} there.` : `Write \`${correction}\`.`),
    example: { key: "models.chat.replicas", expected: "a whole number", got: 'the text "2"', correction: "2" },
  }),
  "CFG-104": entry<{ key: string; got: string; allowed: readonly string[]; nearest: string | null }>({
    severity: "error",
    summary: "A value is not one of those allowed",
    title: ({ key, got }) => `${key} does not know the value ${got}.`,
    why: ({ allowed }) =>
      allowed.length === 1 ? `The only value is "${allowed[0]}".` : `Values: ${listed(allowed.map((a) => `"${a}"`))}.`,
    fix: ({ allowed, nearest }) => {
      if (nearest !== null) return allowed.length === 1 ? `Write "${nearest}".` : `Did you mean "${nearest}"?`;
      return "Choose one of the values listed.";
    },
    example: { key: "state.backend", got: '"S3"', allowed: ["local", "s3"], nearest: "s3" },
  }),
  "CFG-105": entry<{ key: string; expected: string; optional: boolean; purpose: string | null }>({
    severity: "error",
    summary: "A key has no value",
    title: ({ key }) => `${key} has no value.`,
    why: ({ expected, purpose }) => `It must be ${expected}.${purpose === null ? "" : ` It means: ${purpose}`}`,
    fix: ({ optional }) =>
      optional
        ? "Write the value after the colon, or remove the key."
        : "Write the value after the colon, or indent the lines below that belong to it.",
    example: { key: "models", expected: "a map", optional: false, purpose: "Served models, by the name callers use." },
  }),
  "CFG-106": entry<{ key: string; got: string; bound: string; limit: number; purpose: string | null }>({
    severity: "error",
    summary: "A number is out of range",
    title: ({ key, got, bound, limit }) => `${key} must be ${bound} ${limit}; it is ${got}.`,
    why: ({ key, purpose }) => (purpose === null ? `${key} has no meaning beyond this limit.` : `It means: ${purpose}`),
    fix: ({ bound, limit }) => `Write a number that is ${bound} ${limit}.`,
    example: {
      key: "models.chat.replicas",
      got: "0",
      bound: "at least",
      limit: 1,
      purpose: "Replicas of each version. Replicas.",
    },
  }),
  "CFG-107": entry<{ subject: string; problem: string; correction: string | null }>({
    severity: "error",
    summary: "A name has a form that Kubernetes does not accept",
    title: ({ subject, problem }) => `${subject} ${problem}.`,
    why: () =>
      "Names become parts of Kubernetes names: lower-case letters, digits and hyphens, starting with a letter, not ending with a hyphen.",
    fix: ({ correction }) => (correction === null ? "Choose a name of that form." : `Write \`${correction}\`.`),
    example: {
      subject: 'The name "Chat_Model" in models',
      problem: 'holds "_" and upper-case letters',
      correction: "chat-model",
    },
  }),
  "CFG-108": entry<{ key: string; got: string; correction: string | null }>({
    severity: "error",
    summary: "A duration has another form than expected",
    title: ({ key, got }) => `${key} must be a duration such as 30s; it is ${got}.`,
    why: () => "A duration is a whole number above zero and one unit without a space: s, m or h.",
    fix: ({ correction }) =>
      correction === null ? "Write it in that form: 30s, 10m or 1h." : `Write \`${correction}\`.`,
    example: { key: "models.chat.drainTimeout", got: '"90 seconds"', correction: "90s" },
  }),
  "CFG-109": entry<{ key: string; got: string; correction: string | null }>({
    severity: "error",
    summary: "An amount of memory has another form than expected",
    title: ({ key, got }) => `${key} must be an amount of memory such as 80GiB; it is ${got}.`,
    why: () =>
      "An amount is a number and one unit without a space: MiB, GiB or TiB. One GiB is 1024^3 bytes; GB, which is 10^9 bytes, is not read.",
    fix: ({ correction }) =>
      correction === null ? "Write it in that form: 512MiB, 80GiB or 1.5TiB." : `Write \`${correction}\`.`,
    example: { key: "models.chat.versions.v1.weights.size", got: '"64Gi"', correction: "64GiB" },
  }),
  "CFG-110": entry<{ key: string; got: string; correction: string | null }>({
    severity: "error",
    summary: "A model repository has another form than expected",
    title: ({ key, got }) => `${key} must be a repository as owner/name; it is ${got}.`,
    why: () =>
      "Weights come from the Hugging Face hub, where a repository is its owner, one slash and its name. The branch, tag or commit goes to revision.",
    fix: ({ correction }) =>
      correction === null ? "Write the owner and the name: Qwen/Qwen3-32B." : `Write \`${correction}\`.`,
    example: {
      key: "models.chat.versions.v1.weights.repository",
      got: '"https://huggingface.co/Qwen/Qwen3-32B"',
      correction: "Qwen/Qwen3-32B",
    },
  }),
  "CFG-111": entry<{ key: string; got: string; bound: string; limit: number; unit: string; purpose: string | null }>({
    severity: "error",
    summary: "A text or list is too short or too long",
    title: ({ key, bound, limit, unit, got }) => `${key} must have ${bound} ${limit} ${unit}; it has ${got}.`,
    why: ({ key, purpose }) => (purpose === null ? `${key} has no meaning beyond this limit.` : `It means: ${purpose}`),
    fix: ({ bound, limit, unit }) => `Write ${bound} ${limit} ${unit}, or remove the key where it is optional.`,
    example: {
      key: "nodePools.h100.zones",
      got: "0",
      bound: "at least",
      limit: 1,
      unit: "entry",
      purpose: "Failure domains the nodes are spread over. Left out: one zone, and nothing survives its loss.",
    },
  }),
  "CFG-112": entry<{ key: string; got: string; form: string; instance: string }>({
    severity: "error",
    summary: "An address or identifier has another form than expected",
    title: ({ key, got, form }) => `${key} must be ${form}; it is ${got}.`,
    why: ({ form }) => `Other programs are given this value as it stands, and they expect ${form}.`,
    fix: ({ instance }) => `Write it in this form: ${instance}.`,
    example: {
      key: "state.address",
      got: '"gitlab"',
      form: "an address with its scheme",
      instance: "https://host.example/path",
    },
  }),
  "CFG-113": entry<{ key: string; got: string; problem: string }>({
    severity: "error",
    summary: "A value is not accepted",
    title: ({ key, got }) => `${key} does not accept ${got}.`,
    why: ({ problem }) => problem,
    fix: () => "Change the value; docs/reference/stack-file.md describes the key.",
    example: { key: "models.chat", got: "the text", problem: "The value must be a multiple of 2." },
  }),
  "CFG-114": entry<{ key: string; got: string; correction: string | null }>({
    severity: "error",
    summary: "The environment is not one word of lower-case letters and digits",
    title: ({ key, got }) => `${key} must be one word of lower-case letters and digits; it is ${got}.`,
    why: () =>
      "The namespace is called after the stack's name, a hyphen and the environment. With a hyphen in the environment too, two stacks could get one namespace: `support` in `agents-trial` and `support-agents` in `trial`.",
    fix: ({ correction }) =>
      correction === null ? "Choose a word that starts with a letter." : `Write \`${correction}\`.`,
    example: { key: "environment", got: '"pre-prod"', correction: "preprod" },
  }),
  "CFG-121": entry<{ key: string; got: string; correction: string | null }>({
    severity: "error",
    summary: "A date has another form than expected",
    title: ({ key, got }) => `${key} must be a date such as 2026-11-01; it is ${got}.`,
    why: () => "A date is a year, a month and a day that the calendar has, in this order, with hyphens between them.",
    fix: ({ correction }) => (correction === null ? "Write it in that form: 2026-11-01." : `Write \`${correction}\`.`),
    example: { key: "nodePools.h100.price.asOf", got: '"01.11.2026"', correction: "2026-11-01" },
  }),
  "CFG-122": entry<{ key: string; got: string; correction: string | null }>({
    severity: "error",
    summary: "A latency has another form than expected",
    title: ({ key, got }) => `${key} must be a latency such as 50ms; it is ${got}.`,
    why: () => "A latency is a whole number above zero and one unit without a space: ms or s.",
    fix: ({ correction }) => (correction === null ? "Write it in that form: 50ms or 1s." : `Write \`${correction}\`.`),
    example: { key: "workloads.support.objectives.ttft", got: '"1.5s"', correction: "1500ms" },
  }),
  "CFG-123": entry<{ key: string; got: string; correction: string | null }>({
    severity: "error",
    summary: "A percentage has another form than expected",
    title: ({ key, got }) => `${key} must be a percentage such as 99.5%; it is ${got}.`,
    why: () => "A percentage is a number from 0 to 100 and the sign %, without a space.",
    fix: ({ correction }) => (correction === null ? "Write it in that form: 99.5%." : `Write \`${correction}\`.`),
    example: { key: "workloads.support.objectives.availability", got: "the number 99.5", correction: "99.5%" },
  }),
} as const;
