import { entry } from "./entry.ts";
import { waysText } from "./sizing.ts";

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** CAP-1xx: what the GPUs, their memory, the nodes and the engine allow. */
export const capacityCodes = {
  "CAP-101": entry<{
    pool: string;
    neededGpus: number;
    availableGpus: number;
    unplacedReplicas: number;
    unplacedGpus: number;
    maxNodes: number;
    gpusPerNode: number;
  }>({
    severity: "error",
    summary: "The models need more GPUs than their node pool can have",
    title: ({ pool, neededGpus, availableGpus, unplacedGpus }) =>
      neededGpus > availableGpus
        ? `The models on node pool "${pool}" need ${count(neededGpus, "GPU")}, ${neededGpus - availableGpus} more than the ${availableGpus} it can have.`
        : `The models on node pool "${pool}" need ${count(neededGpus, "GPU")} of ${availableGpus}, but ${unplacedGpus} of them find no node with enough left for a whole replica.`,
    why: ({ maxNodes, gpusPerNode, availableGpus, unplacedReplicas }) =>
      `At most ${count(maxNodes, "node")} with ${count(gpusPerNode, "GPU")} each make ${availableGpus}. A replica never spans nodes, so replicas are placed whole, the largest first; ${unplacedReplicas} ${unplacedReplicas === 1 ? "finds" : "find"} no place and would stay Pending.`,
    fix: ({ pool }) =>
      `Raise nodePools.${pool}.nodes.max, remove a version that no longer serves, or lower what a model on this pool takes: \`replicas\` and \`tensorParallelSize\` where the file sets them, else what its workloads ask.`,
    example: {
      pool: "h100",
      neededGpus: 18,
      availableGpus: 16,
      unplacedReplicas: 1,
      unplacedGpus: 2,
      maxNodes: 2,
      gpusPerNode: 8,
    },
  }),
  "CAP-102": entry<{ model: string; tensorParallelSize: number; pool: string; gpusPerNode: number }>({
    severity: "error",
    summary: "A replica spans more GPUs than a node has",
    title: ({ model, tensorParallelSize, gpusPerNode, pool }) =>
      `One replica of "${model}" spans ${count(tensorParallelSize, "GPU")}, and a node of "${pool}" has ${gpusPerNode}.`,
    why: () =>
      "Tensor parallel ranks talk to each other in every layer, so all GPUs of a replica must be in one node; Freehold does not spread a replica over nodes.",
    fix: ({ gpusPerNode }) =>
      `Set tensorParallelSize to ${gpusPerNode} or less, or use a node pool with more GPUs a node.`,
    example: { model: "chat", tensorParallelSize: 16, pool: "h100", gpusPerNode: 8 },
  }),
  "CAP-103": entry<{
    model: string;
    tensorParallelSize: number;
    repository: string;
    attentionHeads: number;
    allowed: readonly number[];
  }>({
    severity: "error",
    summary: "The tensor parallel size does not divide the attention heads",
    title: ({ model, tensorParallelSize, attentionHeads, repository }) =>
      `tensorParallelSize ${tensorParallelSize} of "${model}" does not divide the ${attentionHeads} attention heads of ${repository}.`,
    why: () =>
      "Each GPU of a replica computes the same number of attention heads; vLLM refuses to start otherwise. Key and value heads are no limit: they are repeated where there are fewer than GPUs.",
    fix: ({ allowed }) => `Sizes that divide the heads and fit a node: ${allowed.join(", ")}.`,
    example: {
      model: "chat",
      tensorParallelSize: 3,
      repository: "Qwen/Qwen3-32B",
      attentionHeads: 64,
      allowed: [1, 2, 4, 8],
    },
  }),
  "CAP-104": entry<{
    model: string;
    version: string;
    weightsGiB: string;
    tensorParallelSize: number;
    shareGiB: string;
    usableGiB: string;
    missingGiB: string;
    visibleGiB: string;
    accelerator: string;
    gpuMemoryUtilization: number;
    ways: readonly string[];
  }>({
    severity: "error",
    summary: "The weights do not fit the GPUs' memory",
    title: ({ model, version, missingGiB }) =>
      `The weights of "${model}" ${version} are ${missingGiB} GiB a GPU too large for the memory that the engine may take.`,
    why: ({ weightsGiB, tensorParallelSize, shareGiB, usableGiB, visibleGiB, accelerator, gpuMemoryUtilization }) =>
      `${weightsGiB} GiB over ${count(tensorParallelSize, "GPU")} is ${shareGiB} GiB each. ${accelerator} shows ${visibleGiB} GiB, of which gpuMemoryUtilization ${gpuMemoryUtilization} leaves ${usableGiB} GiB for weights, activations and the key-value cache together.`,
    fix: ({ ways }) => waysText(ways),
    example: {
      model: "chat",
      version: "v1",
      weightsGiB: "131.4",
      tensorParallelSize: 1,
      shareGiB: "131.4",
      usableGiB: "71.3",
      missingGiB: "60.1",
      visibleGiB: "79.2",
      accelerator: "nvidia-h100-sxm",
      gpuMemoryUtilization: 0.9,
      ways: [
        "serve RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic, the same model in fp8",
        "span 2 GPUs with tensorParallelSize 2",
      ],
    },
  }),
  "CAP-105": entry<{ model: string; version: string; repository: string; revision: string }>({
    severity: "error",
    summary: "The size of the weights is not known",
    title: ({ model, version, repository }) =>
      `The size of the weights of "${model}" ${version} (${repository}) is not known.`,
    why: ({ repository, revision }) =>
      `GPU memory, the weight volume and the start-up budget follow from it. The lock has no files for ${repository}@${revision}, the file gives no size, and the catalog has no figure.`,
    fix: ({ model, version }) =>
      `Run \`freehold lock\` on a machine with a network, which reads the size from the hub, or set models.${model}.versions.${version}.weights.size, such as \`16GiB\`.`,
    example: { model: "chat", version: "v1", repository: "acme/assistant", revision: "main" },
  }),
  "CAP-106": entry<{ pool: string; accelerator: string; known: readonly string[]; nearest: string | null }>({
    severity: "error",
    summary: "The accelerator is not in the catalog",
    title: ({ pool, accelerator }) => `The accelerator "${accelerator}" of node pool "${pool}" is not in the catalog.`,
    why: ({ known }) =>
      `Whether weights fit is decided from the memory that the driver reports, which is known for: ${known.join(", ")}.`,
    fix: ({ nearest }) => (nearest === null ? "Name one of these." : `Did you mean "${nearest}"?`),
    example: {
      pool: "h100",
      accelerator: "nvidia-h100-smx",
      known: ["nvidia-h100-sxm", "nvidia-h200-sxm"],
      nearest: "nvidia-h100-sxm",
    },
  }),
  "CAP-107": entry<{ model: string; version: string; gpus: number; pool: string; minutes: number }>({
    severity: "warning",
    summary: "No replica serves while the only one is replaced",
    title: ({ model, version }) =>
      `Nothing serves "${model}" ${version} while its only replica is replaced during a roll-out.`,
    why: ({ gpus, pool, minutes }) =>
      `A second replica would need ${count(gpus, "GPU")} in one node of "${pool}", and at nodes.max there is no such gap. The old replica therefore stops first, and its version is away until the new one is ready: up to ${minutes} minutes.`,
    fix: ({ pool, model }) =>
      `Raise nodePools.${pool}.nodes.max, free GPUs on it, or set models.${model}.replicas to 2 or more where they fit. To accept it, give CAP-107 and the reason under \`silence\`.`,
    example: { model: "chat", version: "v1", gpus: 8, pool: "h100", minutes: 27 },
  }),
  "CAP-108": entry<{ model: string; seconds: number; limitSeconds: number }>({
    severity: "error",
    summary: "The drain timeout is longer than a node drain waits",
    title: ({ model, seconds, limitSeconds }) =>
      `drainTimeout of "${model}" is ${seconds} s; at most ${limitSeconds} s are possible.`,
    why: () =>
      "Managed clusters wait at most an hour for a pod to end when they drain a node for an upgrade, and then take the node away with whatever it was doing.",
    fix: ({ limitSeconds }) => `Set drainTimeout to ${limitSeconds}s or less; most answers end within two minutes.`,
    example: { model: "chat", seconds: 7200, limitSeconds: 3540 },
  }),
  "CAP-109": entry<{ image: string; unknown: readonly { flag: string; since: string }[]; tested: string }>({
    severity: "error",
    summary: "The engine is too old for the options it is given",
    title: ({ image, unknown }) =>
      `The engine in ${image} does not know ${unknown.map(({ flag }) => flag).join(", ")}.`,
    why: ({ unknown }) =>
      `vLLM ends at once on an option it does not know, so no replica would ever start. ${unknown.map(({ flag, since }) => `${flag} came with ${since}`).join("; ")}.`,
    fix: ({ tested }) => `Name a newer release, or leave \`image\` out to get ${tested}.`,
    example: {
      image: "docker.io/vllm/vllm-openai:v0.17.1",
      unknown: [{ flag: "--shutdown-timeout", since: "0.18.0" }],
      tested: "docker.io/vllm/vllm-openai:v0.33.0",
    },
  }),
  "CAP-110": entry<{
    image: string;
    floor: string;
    floorAsOf: string;
    advisories: readonly string[];
    proposed: string | null;
  }>({
    severity: "warning",
    summary: "The engine has open security advisories",
    title: ({ image, floor }) => `${image} is older than ${floor}, the first release without a published advisory.`,
    why: ({ floorAsOf, advisories }) =>
      `Known as of ${floorAsOf}: ${advisories.join(", ")}. Whoever may send requests to the engine may be able to use what the advisories describe.`,
    fix: ({ proposed }) =>
      `${proposed === null ? "No release is known to be clear: run it where nobody else can reach it." : `Set \`image\` to ${proposed} or newer.`} To accept it, give CAP-110 and the reason under \`silence\`.`,
    example: {
      image: "docker.io/vllm/vllm-openai:v0.30.0",
      floor: "0.32.0",
      floorAsOf: "2026-10-29",
      advisories: ["CVE-2026-115911"],
      proposed: "docker.io/vllm/vllm-openai:v0.33.0",
    },
  }),
  "CAP-111": entry<{ component: string; floor: string; floorAsOf: string; days: number; limitDays: number }>({
    severity: "warning",
    summary: "What is known of advisories for the engine or the proxy is old",
    title: ({ component, days }) => `The list of security advisories for ${component} is ${days} days old.`,
    why: ({ component, floor, floorAsOf, limitDays }) =>
      `${component} ${floor} was without a published advisory on ${floorAsOf}. Advisories have come monthly, so after ${limitDays} days that says little.`,
    fix: ({ component }) =>
      `Use a newer Freehold, or read the advisories of ${component} yourself and name an \`image\` that is clear of them.`,
    example: { component: "vLLM", floor: "0.32.0", floorAsOf: "2026-10-29", days: 120, limitDays: 90 },
  }),
  "CAP-112": entry<{ model: string; maxModelLen: number; repository: string; maxPositions: number; source: string }>({
    severity: "error",
    summary: "maxModelLen is longer than the model can take",
    title: ({ model, maxModelLen, repository, maxPositions }) =>
      `maxModelLen ${maxModelLen} of "${model}" is longer than the ${maxPositions} tokens that ${repository} can take.`,
    why: ({ source }) =>
      `The model's configuration sets the limit (max_position_embeddings; ${source}). vLLM refuses to start beyond it, because the answers would be noise.`,
    fix: ({ maxPositions }) => `Set maxModelLen to ${maxPositions} or less, or serve a model with a longer context.`,
    example: {
      model: "chat",
      maxModelLen: 65536,
      repository: "Qwen/Qwen3-32B",
      maxPositions: 40960,
      source: "github.com/ai-dynamo/aiconfigurator",
    },
  }),
  "CAP-113": entry<{ assistant: string; model: string; version: string; repository: string }>({
    severity: "warning",
    summary: "Tools for a model whose engine looks for no calls",
    title: ({ assistant, model }) =>
      `The assistant "${assistant}" has tools, and the engine of "${model}" does not know how its calls look.`,
    why: ({ repository, version }) =>
      `vLLM refuses requests that leave the choice of tools to the model until it is told a parser, and for ${repository} (${version}) none is known for its image.`,
    fix: ({ model, version }) =>
      `Name one in models.${model}.versions.${version}.toolCallParser, as vLLM's page on tool calling lists them, or take the tools away.`,
    example: { assistant: "helpdesk", model: "chat", version: "v1", repository: "acme/own-model" },
  }),
} as const;
