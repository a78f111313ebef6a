import { entry } from "./entry.ts";

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

/** CFG-2xx: what the sections of the file say about each other, and the Kubernetes names that follow from them. */
export const referenceCodes = {
  "CFG-201": entry<{ model: string; nodePool: string; known: readonly string[]; nearest: string | null }>({
    severity: "error",
    summary: "A model names a node pool that is not defined",
    title: ({ model, nodePool }) => `The model "${model}" runs on the node pool "${nodePool}", which is not defined.`,
    why: ({ known }) => (known.length === 0 ? "nodePools defines none." : `nodePools defines ${quoted(known)}.`),
    fix: ({ nearest, nodePool }) =>
      nearest === null
        ? `Name one of these pools, or add "${nodePool}" to nodePools.`
        : `Did you mean "${nearest}"? Otherwise add "${nodePool}" to nodePools.`,
    example: { model: "chat", nodePool: "h10", known: ["h100"], nearest: "h100" },
  }),
  "CFG-202": entry<{ pool: string; min: number; max: number }>({
    severity: "error",
    summary: "A node pool's smallest size exceeds its largest",
    title: ({ pool, min, max }) => `The node pool "${pool}" has at least ${min} nodes and at most ${max}.`,
    why: () => "nodes.min is how many nodes are always there, so it cannot exceed nodes.max.",
    fix: ({ min, max }) => `Raise nodes.max to ${min} or more, or lower nodes.min to ${max} or less.`,
    example: { pool: "h100", min: 3, max: 2 },
  }),
  "CFG-203": entry<{ model: string; version: string; known: readonly string[]; nearest: string | null }>({
    severity: "error",
    summary: "Traffic goes to a version that does not exist",
    title: ({ model, version }) =>
      `The traffic of the model "${model}" goes to the version "${version}", which does not exist.`,
    why: ({ model, known }) => `models.${model}.versions holds ${quoted(known)}.`,
    fix: ({ nearest, version }) =>
      nearest === null
        ? `Name one of these versions, or add "${version}" to versions.`
        : `Did you mean "${nearest}"? Otherwise add "${version}" to versions.`,
    example: { model: "chat", version: "v3", known: ["v1", "v2"], nearest: "v1" },
  }),
  "CFG-204": entry<{ model: string; sum: number; shares: string; correction: string | null }>({
    severity: "error",
    summary: "Traffic shares do not sum to 100",
    title: ({ model, sum }) => `The traffic shares of the model "${model}" sum to ${sum}, not to 100.`,
    why: ({ shares }) => `Shares are percent of the model's requests, and every request goes somewhere: ${shares}.`,
    fix: ({ correction }) =>
      correction === null ? "Change the shares so that they sum to 100." : `Write \`{ ${correction} }\`.`,
    example: { model: "chat", sum: 90, shares: "v1 90", correction: "v1: 100" },
  }),
  "CFG-205": entry<{ model: string; versions: readonly string[]; correction: string }>({
    severity: "error",
    summary: "Traffic is split over several versions",
    title: ({ model, versions }) => `The traffic of the model "${model}" is split over ${versions.length} versions.`,
    why: ({ versions }) =>
      `A split is made by the gateway, and this file has none: one version serves all requests. Shares above 0: ${quoted(versions)}.`,
    fix: ({ correction }) => `Give one version all of it, such as \`{ ${correction} }\`, or add \`gateway\`.`,
    example: { model: "chat", versions: ["v1", "v2"], correction: "v1: 100" },
  }),
  "CFG-206": entry<{ section: string; entry: string; sample: string }>({
    severity: "error",
    summary: "A section has no entries",
    title: ({ section }) => `${section} is empty.`,
    why: ({ entry: noun }) => `Without at least one ${noun} there is nothing to deploy.`,
    fix: ({ section, entry: noun, sample }) => `Add one ${noun} to ${section}, such as ${sample}.`,
    example: { section: "models", entry: "model", sample: "chat" },
  }),
  "CFG-207": entry<{ kind: string; name: string; first: string; second: string }>({
    severity: "error",
    summary: "Two entries give the same Kubernetes name",
    title: ({ kind, name, first, second }) => `The ${kind} "${name}" would come from ${first} and from ${second}.`,
    why: ({ kind }) =>
      `In one namespace a ${kind} name belongs to one object, so one of the two would replace the other.`,
    fix: () => "Rename one of the two models or versions.",
    example: {
      kind: "Service",
      name: "chat-v1",
      first: "the version v1 of the model chat",
      second: "the model chat-v1",
    },
  }),
  "CFG-208": entry<{ kind: string; name: string; length: number; limit: number; model: string; version: string }>({
    severity: "error",
    summary: "A Kubernetes name would be too long",
    title: ({ kind, name, length, limit }) =>
      `The ${kind} "${name}" has ${length} characters; at most ${limit} are allowed.`,
    why: ({ kind, model, version }) =>
      `The name of the ${kind} is made of the model "${model}" and the version "${version}".`,
    fix: ({ length, limit }) =>
      `Shorten the name of the model or of the version by ${length - limit} character${length - limit === 1 ? "" : "s"}.`,
    example: {
      kind: "Helm release",
      name: "customer-support-conversations-europe-candidate-2026-11",
      length: 55,
      limit: 53,
      model: "customer-support-conversations-europe",
      version: "candidate-2026-11",
    },
  }),
  "CFG-209": entry<{ model: string; variable: string; correction: string }>({
    severity: "error",
    summary: "A model's name would set variables of vLLM",
    title: ({ model }) => `A model cannot be called "${model}".`,
    why: ({ model, variable }) =>
      `Kubernetes gives pods variables named after Services: the Service "${model}" would set ${variable}, and vLLM reads every variable that starts with VLLM_ as a setting.`,
    fix: ({ correction }) => `Name the model after what it is for, such as "${correction}".`,
    example: { model: "vllm", variable: "VLLM_PORT", correction: "chat" },
  }),
  "CFG-210": entry<{ target: string }>({
    severity: "error",
    summary: "Local state for a cluster that is not local",
    title: ({ target }) => `The state of a stack with the target "${target}" cannot be kept in a local file.`,
    why: () =>
      "A file on one machine has no lock that a colleague could see and no second copy: two people would deploy over each other, and its loss would orphan what is deployed.",
    fix: () => "Choose a shared backend: s3, gcs, azurerm, pg, http or kubernetes.",
    example: { target: "existing" },
  }),
  "CFG-211": entry<{ pool: string; zone: string }>({
    severity: "error",
    summary: "A zone is listed twice",
    title: ({ pool, zone }) => `The node pool "${pool}" lists the zone "${zone}" twice.`,
    why: () =>
      "Nodes are spread over distinct failure domains; a repeated one would be counted as protection that is not there.",
    fix: () => "Remove one of the two, or name the other zone.",
    example: { pool: "h100", zone: "zone-a" },
  }),
  "CFG-212": entry<{ pool: string; key: string; problem: string }>({
    severity: "error",
    summary: "A node label's key has a form that Kubernetes does not accept",
    title: ({ pool, key, problem }) => `The label key "${key}" of the node pool "${pool}" ${problem}.`,
    why: () =>
      "A label key is a name of at most 63 letters, digits, hyphens, underscores and dots, starting and ending with a letter or digit; before it may stand a DNS name of at most 253 characters and a slash.",
    fix: () => "Write the key as `kubectl get nodes --show-labels` prints it.",
    example: { pool: "h100", key: "-gpu", problem: 'has the name "-gpu", which does not start with a letter or digit' },
  }),
  "CFG-213": entry<{ pool: string; key: string; value: string; problem: string }>({
    severity: "error",
    summary: "A node label's value has a form that Kubernetes does not accept",
    title: ({ pool, key, value, problem }) =>
      `The label ${key} of the node pool "${pool}" has the value "${value}", which ${problem}.`,
    why: () =>
      "A label value is empty or has at most 63 letters, digits, hyphens, underscores and dots, and starts and ends with a letter or digit.",
    fix: () => "Write the value as `kubectl get nodes --show-labels` prints it.",
    example: { pool: "h100", key: "gpu", value: "H100 SXM", problem: 'holds " "' },
  }),
  "CFG-214": entry<{ code: string; nearest: string | null }>({
    severity: "error",
    summary: "A silence names a code that does not exist",
    title: ({ code }) => `silence names the code "${code}", which does not exist.`,
    why: () => "A silence that matches nothing hides nothing, and its reason would be read as if it did.",
    fix: ({ nearest }) =>
      nearest === null
        ? "Remove the entry; docs/reference/errors.md lists the codes."
        : `Did you mean ${nearest}? docs/reference/errors.md lists the codes.`,
    example: { code: "CFG-2161", nearest: "CFG-216" },
  }),
  "CFG-215": entry<{ code: string; summary: string }>({
    severity: "error",
    summary: "A silence names an error",
    title: ({ code }) => `silence names ${code}, which is an error and cannot be silenced.`,
    why: ({ code, summary }) =>
      `${code} stands for: ${summary}. Only warnings can be accepted with a reason; after an error nothing is deployed.`,
    fix: () => "Remove the entry and correct what the error points at.",
    example: { code: "CFG-201", summary: "A model names a node pool that is not defined" },
  }),
  "CFG-216": entry<{ pool: string; gpus: number }>({
    severity: "warning",
    summary: "A node pool serves no model",
    title: ({ pool }) => `No model runs on the node pool "${pool}".`,
    why: ({ gpus }) =>
      gpus === 0
        ? "Nothing in this file can make it grow beyond its smallest size, which is no nodes."
        : `Its ${gpus} GPUs are there at all times and nothing in this file uses them.`,
    fix: () => "Remove the pool, lower nodes.min, or name it in a model's nodePool.",
    example: { pool: "spare", gpus: 8 },
  }),
} as const;
