import { entry } from "./entry.ts";
import { correction, defined, type Unknown } from "./unknown-name.ts";

/** AGT-1xx: what the section of agents says against itself and against the rest of the file. */
export const agentCodes = {
  "AGT-101": entry<Record<never, never>>({
    severity: "error",
    summary: "Agents without the door to their models",
    title: () => "The file has `agents` and no `gateway`.",
    why: () =>
      "Agents ask models through the gateway alone: it knows tenants and data classes, and an engine knows neither.",
    fix: () => "Add `gateway` with the tenants that the agents work for.",
    example: {},
  }),
  "AGT-102": entry<Record<never, never>>({
    severity: "error",
    summary: "Nobody could call the agents",
    title: () => "The agents have neither `keys` nor `jwt`.",
    why: () => "Every request has to say which tenant it belongs to, so without credentials all are refused.",
    fix: () => "Add `agents.jwt` with issuer, audience and key set; under residency mode none, `agents.keys` will do.",
    example: {},
  }),
  "AGT-103": entry<{ mode: string }>({
    severity: "error",
    summary: "API keys stand for callers of agents under a residency",
    title: ({ mode }) => `The agents take API keys, and residency.mode is ${mode}.`,
    why: () => "A key that has leaked is good for ever; a signed token ends, and says for whom it was made.",
    fix: () => "Remove `agents.keys` and add `agents.jwt`, or set residency.mode to none.",
    example: { mode: "region-bound" },
  }),
  "AGT-104": entry<{ assistant: string; model: string } & Unknown>({
    severity: "error",
    summary: "An assistant asks a model that is not there",
    title: ({ assistant, model }) => `The assistant "${assistant}" asks the model "${model}", which is not defined.`,
    why: (unknown) => defined(unknown, "models"),
    fix: (unknown) => correction(unknown, "models"),
    example: { assistant: "helpdesk", model: "chatt", known: ["chat"], nearest: "chat" },
  }),
  "AGT-105": entry<{ assistant: string; model: string }>({
    severity: "error",
    summary: "An assistant asks a model that answers with vectors",
    title: ({ assistant, model }) => `The assistant "${assistant}" asks the model "${model}", which returns vectors.`,
    why: () => "Its task is `embed`: it takes texts and has no words to answer with.",
    fix: () => "Name a model whose task is `generate`.",
    example: { assistant: "helpdesk", model: "embeddings" },
  }),
  "AGT-106": entry<{ assistant: string; dataClass: string } & Unknown>({
    severity: "error",
    summary: "An assistant sends a data class that nobody defined",
    title: ({ assistant, dataClass }) =>
      `The assistant "${assistant}" sends the data class "${dataClass}", which is not defined.`,
    why: (unknown) => `${defined(unknown, "residency.dataClasses")} Where its data may go would be nobody's decision.`,
    fix: (unknown) => correction(unknown, "residency.dataClasses"),
    example: { assistant: "helpdesk", dataClass: "custommer", known: ["customer"], nearest: "customer" },
  }),
  "AGT-107": entry<{ assistant: string; graph: string } & Unknown>({
    severity: "error",
    summary: "An assistant runs a graph that is not there",
    title: ({ assistant, graph }) => `The assistant "${assistant}" runs the graph "${graph}", which there is not.`,
    why: ({ known }) => `There are ${known.join(", ")}.`,
    fix: (unknown) => correction(unknown, "agents.graphs"),
    example: {
      assistant: "helpdesk",
      graph: "suport",
      known: ["support", "extract", "research"],
      nearest: "support",
    },
  }),
  "AGT-108": entry<{ assistant: string; graph: string; key: string; graphs: readonly string[] }>({
    severity: "error",
    summary: "A key that the graph does not read",
    title: ({ assistant, graph, key }) =>
      `The assistant "${assistant}" has \`${key}\`, which "${graph}" does not read.`,
    why: ({ key, graphs }) => `\`${key}\` is for ${graphs.join(" and ")}.`,
    fix: ({ key }) => `Remove \`${key}\`, or choose another graph.`,
    example: { assistant: "invoices", graph: "extract", key: "toolServers", graphs: ["support", "research"] },
  }),
  "AGT-109": entry<{ assistant: string }>({
    severity: "error",
    summary: "An extraction without a form for its result",
    title: ({ assistant }) => `The assistant "${assistant}" extracts, and has no \`schema\`.`,
    why: () => "What does not fit the schema is never returned, so without one there is nothing to return.",
    fix: () => "Add `schema`: the JSON schema of what is to be read out of a document.",
    example: { assistant: "invoices" },
  }),
  "AGT-110": entry<{ assistant: string; server: string } & Unknown>({
    severity: "error",
    summary: "An assistant calls a tool server that is not there",
    title: ({ assistant, server }) =>
      `The assistant "${assistant}" calls the tool server "${server}", which is not defined.`,
    why: (unknown) => defined(unknown, "agents.toolServers"),
    fix: (unknown) => correction(unknown, "agents.toolServers"),
    example: { assistant: "helpdesk", server: "order", known: ["orders"], nearest: "orders" },
  }),
  "AGT-111": entry<{ tenant: string } & Unknown>({
    severity: "error",
    summary: "Limits of a tenant that the gateway does not know",
    title: ({ tenant }) => `agents.tenants names "${tenant}", which is no tenant of the gateway.`,
    why: (unknown) => `${defined(unknown, "gateway.tenants")} The models would refuse all that it asks.`,
    fix: (unknown) => correction(unknown, "gateway.tenants"),
    example: { tenant: "suport", known: ["support"], nearest: "support" },
  }),
  "AGT-112": entry<{ target: string }>({
    severity: "error",
    summary: "The orchestrator has no image",
    title: ({ target }) => `agents.image is missing, and the cluster's target is ${target}.`,
    why: () =>
      "Freehold publishes no images: the orchestrator's is built from this checkout and lies in your registry. Only the local cluster, whose containers are simulated, needs none.",
    fix: () => "Build and push the image, then name it, such as `registry.example.com/freehold/orchestrator:0.1.0`.",
    example: { target: "existing" },
  }),
  "AGT-113": entry<{ server: string; tool: string; isMissing: boolean }>({
    severity: "error",
    summary: "A tool that is to be reconciled without saying how",
    title: ({ server, tool, isMissing }) =>
      isMissing
        ? `The tool "${tool}" of "${server}" has the policy \`reconcile\` and does not say by which tool.`
        : `The tool "${tool}" of "${server}" names a tool that reconciles it, and has another policy.`,
    why: () => "A lost call is looked up only under the policy `reconcile`, and only where somebody can be asked.",
    fix: ({ isMissing }) =>
      isMissing
        ? "Add `reconcile` with the tool that finds a call by its key, or set the policy to `once`."
        : "Set the policy to `reconcile`, or remove `reconcile`.",
    example: { server: "orders", tool: "refund", isMissing: true },
  }),
  "AGT-114": entry<{ key: string; isBoth: boolean }>({
    severity: "error",
    summary: "It is not said once where something stands that agents call",
    title: ({ key, isBoth }) =>
      isBoth ? `${key} names both \`pods\` and \`networks\`.` : `${key} does not say where it stands.`,
    why: () => "Agents may open no connection that is not named: their policy opens the way to one place alone.",
    fix: () =>
      "Name `pods` with their namespace and labels where it runs in this cluster, else `networks`, and not both.",
    example: { key: "agents.database", isBoth: false },
  }),
  "AGT-115": entry<{ text: string; problem: string }>({
    severity: "error",
    summary: "A network that agents call is none, or is not inside",
    title: ({ text, problem }) => `${JSON.stringify(text)} ${problem}.`,
    why: () => "Agents connect to addresses in these networks, and they must not hold anybody else's hosts.",
    fix: () =>
      "Name networks in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 or fc00::/7, as small as they are.",
    example: { text: "0.0.0.0/0", problem: "covers hosts of strangers" },
  }),
  "AGT-116": entry<{ key: string; host: string; namespace: string }>({
    severity: "error",
    summary: "An address that does not lead to its pods",
    title: ({ key, host, namespace }) => `${key} names ${host}, and the pods are in ${namespace}.`,
    why: () => "The policy opens the way to the pods that are named, so that nothing sent elsewhere would arrive.",
    fix: ({ namespace }) => `Name the Service in front of those pods, such as \`tools.${namespace}.svc\`.`,
    example: { key: "agents.toolServers.orders.url", host: "orders.shop.svc", namespace: "tools" },
  }),
  "AGT-117": entry<{ callee: string; host: string; problem: string }>({
    severity: "error",
    summary: "A tool server or receiver that cannot be reached",
    title: ({ callee, host, problem }) => `The ${callee} is outside, at ${host}, and ${problem}.`,
    why: () =>
      "What stands in no named place is outside, and the only way there is the proxy, over TLS, to a host by its name.",
    fix: () =>
      "Say by `pods` or `networks` where it stands inside, or give the stack the proxy with `residency.egress` and name it as `https://` and a host.",
    example: { callee: 'tool server "search"', host: "mcp.example.com", problem: "the stack has no proxy" },
  }),
  "AGT-118": entry<{ receiver: string; text: string }>({
    severity: "error",
    summary: "A receiver of webhooks that is more than an origin",
    title: ({ receiver, text }) => `The receiver "${receiver}" is at ${text}, which is no origin.`,
    why: () => "Runs name whole addresses; what is listed here is the scheme, host and port that they may begin with.",
    fix: ({ text }) => `Write ${new URL(text).origin}.`,
    example: { receiver: "desk", text: "https://hooks.example.com/runs" },
  }),
  "AGT-119": entry<{ graph: string }>({
    severity: "error",
    summary: "A graph of your own with the name of one that is there",
    title: ({ graph }) => `agents.graphs names "${graph}", and every image has a graph of that name.`,
    why: () => "A replica that finds two graphs of one name does not start.",
    fix: () => "Choose another name.",
    example: { graph: "support" },
  }),
  "AGT-120": entry<{ server: string }>({
    severity: "warning",
    summary: "A tool server that no assistant calls",
    title: ({ server }) => `No assistant calls the tool server "${server}".`,
    why: () => "The agents' policy opens the way to it, and its token is in their pods, for nothing.",
    fix: () => "Add it to `toolServers` of an assistant, or remove it.",
    example: { server: "orders" },
  }),
  "AGT-121": entry<{ tenant: string; assistant: string; list: string; value: string }>({
    severity: "warning",
    summary: "An assistant that the gateway refuses for a tenant",
    title: ({ tenant, assistant, list, value }) =>
      `The gateway would refuse the assistant "${assistant}" for the tenant "${tenant}": ${list} of the tenant lack ${value}.`,
    why: () =>
      "Every tenant has every assistant, and an assistant asks models as the tenant that it works for; such a run ends with the gateway's refusal.",
    fix: ({ tenant, list, value }) =>
      `Add ${value} to gateway.tenants.${tenant}.${list}, or accept it where the tenant does not use the assistant.`,
    example: { tenant: "finance", assistant: "helpdesk", list: "models", value: "chat" },
  }),
  "AGT-122": entry<{ assistant: string; dataClass: string; callee: string }>({
    severity: "error",
    summary: "Data that may not leave, and somebody outside who gets it",
    title: ({ assistant, dataClass, callee }) =>
      `The ${callee} is outside, and the assistant "${assistant}" works with data of the class "${dataClass}", which may not leave as it is.`,
    why: () =>
      "A tool is asked with what the assistant works on, and a receiver gets the values of the run; nothing takes identifiers out of them.",
    fix: () =>
      "Name one inside, by `pods` or `networks`, take it from the assistant, or have the assistant work with a class that says `leavesBoundary: allowed`.",
    example: { assistant: "helpdesk", dataClass: "customer", callee: 'tool server "search"' },
  }),
  "AGT-123": entry<{ origin: string; problem: string }>({
    severity: "error",
    summary: "What pages may call from is no origin",
    title: ({ origin, problem }) => `agents.browserOrigins names ${JSON.stringify(origin)}, which ${problem}.`,
    why: () =>
      "A browser sends the origin of a page as scheme, host and port, and it is compared letter by letter; a pattern would let in pages that nobody has read.",
    fix: () => "Write what the address bar shows before the first path, such as `https://chat.example.com`.",
    example: {
      origin: "https://*.example.com",
      problem: "holds a wildcard, which would allow hosts that nobody has read",
    },
  }),
} as const;
