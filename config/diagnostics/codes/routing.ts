import { entry } from "./entry.ts";

interface Unknown {
  readonly name: string;
  readonly known: readonly string[];
  readonly nearest: string | null;
}

function correction({ known, nearest }: Unknown, section: string): string {
  if (nearest !== null) return `Did you mean "${nearest}"?`;
  return known.length === 0 ? `Add one to ${section}.` : `Name one of these: ${known.join(", ")}.`;
}

/** RTE-1xx: what the section on routing says against itself and the rest of the file; RTE-2xx what was decided about it. */
export const routingCodes = {
  "RTE-101": entry<Record<never, never>>({
    severity: "error",
    summary: "Routing without a gateway",
    title: () => "The file has `routing` and no `gateway`.",
    why: () => "The gateway sends requests on; without one, callers ask the engines themselves.",
    fix: () => "Add the section `gateway`, or remove `routing`.",
    example: {},
  }),
  "RTE-102": entry<{ key: string } & Unknown>({
    severity: "error",
    summary: "A way begins at a model that is not there",
    title: ({ key, name }) => `${key} is about the model "${name}", which is not defined.`,
    why: ({ known }) => (known.length === 0 ? "models defines none." : `models defines ${known.join(", ")}.`),
    fix: (unknown) => correction(unknown, "models"),
    example: { key: "routing.escalation.chatt", name: "chatt", known: ["chat"], nearest: "chat" },
  }),
  "RTE-103": entry<{ key: string; isItself: boolean } & Unknown>({
    severity: "error",
    summary: "A way leads to a model that is not there",
    title: ({ key, name, isItself }) =>
      isItself ? `${key} leads back to "${name}" itself.` : `${key} leads to "${name}", which is not defined.`,
    why: () => "A way leads to one of `routing.frontiers`, or to another model of your own under `models`.",
    fix: (unknown) => correction(unknown, "routing.frontiers"),
    example: { key: "routing.escalation.chat", name: "claud", isItself: false, known: ["claude"], nearest: "claude" },
  }),
  "RTE-104": entry<{ name: string }>({
    severity: "error",
    summary: "A model outside has the name of one inside",
    title: ({ name }) => `"${name}" is a key of routing.frontiers and of models.`,
    why: () => "Ways, headers and metrics say who answers by this name alone.",
    fix: () => "Rename one of the two.",
    example: { name: "chat" },
  }),
  "RTE-105": entry<{ name: string; url: string; problem: string }>({
    severity: "error",
    summary: "The address of a model outside names no single host",
    title: ({ name, url, problem }) => `routing.frontiers.${name}.url, ${url}, ${problem}.`,
    why: () => "The gateway is let out to this host and no other, and its key goes there.",
    fix: () => "Write the origin of the API, such as `https://api.example.com`.",
    example: {
      name: "claude",
      url: "https://10.0.0.1",
      problem: "is an address: what answers there cannot be told by a name",
    },
  }),
  "RTE-106": entry<{ key: string; missing: string }>({
    severity: "error",
    summary: "Nothing sends a request this way",
    title: ({ key, missing }) => `${key} lacks ${missing}.`,
    why: () => "Without it no request would ever go this way, or all would.",
    fix: ({ missing }) => `Add ${missing}, or remove the entry.`,
    example: { key: "routing.escalation.chat", missing: "`rules` or `verify`" },
  }),
  "RTE-107": entry<{ model: string } & Unknown>({
    severity: "error",
    summary: "Answers are graded by nobody",
    title: ({ model, name }) => `Answers of "${model}" are graded by "${name}", which cannot grade them.`,
    why: () =>
      "A judge sees every answer, so it is another model under `models`, one that writes text; a model outside would see what must stay.",
    fix: (unknown) => correction(unknown, "models"),
    example: { model: "chat", name: "jugde", known: ["judge"], nearest: "judge" },
  }),
  "RTE-108": entry<{ key: string; what: string; section: string } & Unknown>({
    severity: "error",
    summary: "A way is for a class or a tenant that nobody defined",
    title: ({ key, what, name }) => `${key} is for the ${what} "${name}", which is not defined.`,
    why: ({ section, known }) =>
      known.length === 0 ? `${section} defines none.` : `${section} defines ${known.join(", ")}.`,
    fix: (unknown) => correction(unknown, unknown.section),
    example: {
      key: "routing.escalation.chat",
      what: "data class",
      section: "residency.dataClasses",
      name: "publik",
      known: ["public"],
      nearest: "public",
    },
  }),
  "RTE-109": entry<{ key: string; tenant: string }>({
    severity: "error",
    summary: "A way is for a tenant that did not ask for it",
    title: ({ key, tenant }) => `${key} is for the tenant "${tenant}", whose requests may not be sent on.`,
    why: () => "A tenant's requests leave their model only where its own entry says so.",
    fix: ({ tenant }) => `Set gateway.tenants.${tenant}.mayEscalate to true, or take the tenant off the list.`,
    example: { key: "routing.escalation.chat", tenant: "support" },
  }),
  "RTE-110": entry<{ key: string; dataClass: string; to: string; reason: string }>({
    severity: "error",
    summary: "A way leads out data that must stay",
    title: ({ key, dataClass, to }) => `${key} would send data of the class "${dataClass}" to ${to}, outside.`,
    why: ({ dataClass, reason }) => `Of the class "${dataClass}": ${reason}.`,
    fix: ({ dataClass }) =>
      `Take "${dataClass}" off the list, or lead the way to a second model of your own under \`models\`.`,
    example: { key: "routing.escalation.chat", dataClass: "customer", to: "claude", reason: "it never leaves" },
  }),
  "RTE-111": entry<{ name: string; mode: string }>({
    severity: "error",
    summary: "A model outside where nothing may leave",
    title: ({ name, mode }) => `routing.frontiers.${name} is run by somebody else, and residency.mode is ${mode}.`,
    why: ({ mode }) => `Under ${mode} no request goes to a provider, wherever it stands.`,
    fix: () => "Lead the ways to a second model of your own under `models`, or set residency.mode to region-bound.",
    example: { name: "claude", mode: "sovereign" },
  }),
  "RTE-112": entry<{ name: string; mode: string }>({
    severity: "error",
    summary: "No agreement with whoever processes the data",
    title: ({ name, mode }) => `routing.frontiers.${name} names no \`agreement\`, and residency.mode is ${mode}.`,
    why: () => "Whoever processes data for you does it on terms that were agreed; an audit asks for them by number.",
    fix: () => "Add `agreement` with the number or the place of the agreement on processing.",
    example: { name: "claude", mode: "region-bound" },
  }),
  "RTE-113": entry<{ name: string; mode: string }>({
    severity: "error",
    summary: "Answers stream from outside without a word about it",
    title: ({ name, mode }) =>
      `routing.frontiers.${name} names nobody who accepts streams, and residency.mode is ${mode}.`,
    why: () =>
      "Whoever sees the encrypted connection can guess the topic of a streamed answer from the lengths and times of its packets (arXiv 2511.03675).",
    fix: () => "Add `streams: { acceptedBy: …, reason: … }` once somebody has accepted that.",
    example: { name: "claude", mode: "region-bound" },
  }),
  "RTE-114": entry<{ key: string }>({
    severity: "warning",
    summary: "A way that no tenant may go",
    title: ({ key }) => `${key} is a way that no tenant's requests may go.`,
    why: () => "A tenant's requests leave their model only where its own entry says so, and none does.",
    fix: () => "Set `mayEscalate: true` for a tenant under gateway.tenants, or remove the way.",
    example: { key: "routing.escalation.chat" },
  }),
  "RTE-115": entry<{ key: string; to: string }>({
    severity: "error",
    summary: "A way out for data of which none may leave",
    title: ({ key, to }) => `${key} leads to ${to}, outside, and no class of data may leave.`,
    why: () =>
      "Under region-bound only data of a declared class leaves: as it is without personal data, else redacted.",
    fix: () => "Declare a class under residency.dataClasses that may leave, or lead the way to a model of your own.",
    example: { key: "routing.escalation.chat", to: "claude" },
  }),
  "RTE-201": entry<{ name: string; provider: string; reason: string; isUnknown: boolean }>({
    severity: "error",
    summary: "A model outside is not in the allowed regions",
    title: ({ name, provider }) =>
      `routing.frontiers.${name} is run by ${provider}, which may not process these requests.`,
    why: ({ reason }) => reason,
    fix: ({ isUnknown }) =>
      isUnknown
        ? "Name a provider of the catalog (`freehold catalog`), or say with `regions` where your contract has it process requests."
        : "Say with `regions` where your contract has it process requests, or choose a provider inside.",
    example: {
      name: "claude",
      provider: "anthropic",
      reason: "As far as is known, Anthropic processes requests anywhere; residency.regions allows eu.",
      isUnknown: false,
    },
  }),
} as const;
