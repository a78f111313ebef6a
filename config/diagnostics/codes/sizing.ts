import { entry } from "./entry.ts";

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** CAP-13x: what cannot be sized, and what was set by hand against the figures. */
export const sizingCodes = {
  "CAP-131": entry<{ model: string }>({
    severity: "error",
    summary: "Nothing says how many replicas there are",
    title: ({ model }) => `Nothing says how many replicas of "${model}" there have to be.`,
    why: () => "No workload names it, so there is no load to size it for, and its `replicas` are not set.",
    fix: ({ model }) =>
      `Add a workload with \`model: ${model}\`, from which the count is decided, or set models.${model}.replicas.`,
    example: { model: "chat" },
  }),
  "CAP-132": entry<{
    model: string;
    version: string;
    accelerator: string;
    gpus: number;
    missingGiB: string;
    reason: string;
    ways: readonly string[];
  }>({
    severity: "error",
    summary: "One request of maxModelLen does not fit the cache",
    title: ({ model, version, gpus, accelerator, missingGiB }) =>
      `A replica of "${model}" ${version} on ${count(gpus, "GPU")} (${accelerator}) lacks ${missingGiB} GiB a GPU for one request of its longest length.`,
    why: ({ reason }) => `${reason} The engine checks this when it starts, and ends.`,
    fix: ({ ways }) => waysText(ways),
    example: {
      model: "chat",
      version: "v1",
      accelerator: "nvidia-h100-sxm",
      gpus: 1,
      missingGiB: "2.8",
      reason: "One request of 32768 tokens needs 8.0 GiB of cache a GPU, and 5.2 GiB are left.",
      ways: [
        "set kvCacheDtype to fp8",
        "set maxModelLen to 21504",
        "span 2 GPUs with tensorParallelSize 2 ($7.98 an hour more)",
      ],
    },
  }),
  "CAP-133": entry<{
    model: string;
    version: string;
    workload: string;
    objective: "ttft" | "itl";
    wantedMilliseconds: number;
    bestMilliseconds: number;
    accelerator: string;
    gpus: number;
    elsewhere: string;
  }>({
    severity: "error",
    summary: "No replica on the pool's GPUs meets an objective",
    title: ({ model, version, workload, objective, wantedMilliseconds, accelerator }) =>
      `No replica of "${model}" ${version} on ${accelerator} keeps the ${objective} of ${wantedMilliseconds} ms that the workload "${workload}" asks for.`,
    why: ({ objective, bestMilliseconds, gpus }) =>
      `The best is ${count(gpus, "GPU")} a replica, where ${objective === "ttft" ? "the time to the first token of an input at the 95th percentile" : "the time between two tokens"} may take ${bestMilliseconds} ms with a single request (upper end of its range). More load only makes it longer.`,
    fix: ({ elsewhere, objective, bestMilliseconds, workload }) =>
      `Set workloads.${workload}.objectives.${objective} above ${bestMilliseconds}ms, ${objective === "ttft" ? "shorten the inputs, " : ""}serve a smaller model, or use other GPUs: ${elsewhere}.`,
    example: {
      model: "chat",
      version: "v1",
      workload: "support",
      objective: "ttft",
      wantedMilliseconds: 300,
      bestMilliseconds: 412,
      accelerator: "nvidia-h100-sxm",
      gpus: 8,
      elsewhere: "nvidia-b200-sxm would keep it with 4 GPUs a replica",
    },
  }),
  "CAP-134": entry<{ model: string; replicas: number; working: number; spare: number; gpusPerReplica: number }>({
    severity: "warning",
    summary: "Fewer replicas are set than the busiest hour needs",
    title: ({ model, replicas, working, spare }) =>
      `${count(replicas, "replica")} of "${model}" ${replicas === 1 ? "is" : "are"} set, and its workloads need ${working} in the busiest hour and ${spare} spare.`,
    why: ({ replicas, working }) =>
      replicas < working
        ? "In the busiest hour requests then wait longer than the objectives allow, and more with each that comes."
        : "The busiest hour is carried, but not when a replica or its node is lost.",
    fix: ({ model, working, spare, gpusPerReplica }) =>
      `Remove models.${model}.replicas, which makes it ${working + spare} with ${count(gpusPerReplica, "GPU")} each, or raise it. To accept it, give CAP-134 and the reason under \`silence\`.`,
    example: { model: "chat", replicas: 2, working: 3, spare: 1, gpusPerReplica: 2 },
  }),
  "CAP-135": entry<{ model: string; version: string; repository: string; reason: string; missing: readonly string[] }>({
    severity: "error",
    summary: "The model cannot be sized",
    title: ({ model, version, repository }) => `"${model}" ${version} (${repository}) cannot be sized.`,
    why: ({ reason }) => reason,
    fix: ({ model, repository, missing }) =>
      `Measure it on the GPUs and set ${missing.map((key) => `models.${model}.${key}`).join(" and ")} by hand, or write its facts under catalog.models.${repository}.`,
    example: {
      model: "chat",
      version: "v1",
      repository: "acme/assistant",
      reason: "The catalog does not know its shape, so neither memory nor speed can be computed.",
      missing: ["tensorParallelSize", "replicas"],
    },
  }),
  "CAP-137": entry<{ kind: "model" | "accelerator"; name: string; nearest: string | null }>({
    severity: "error",
    summary: "A model or a GPU is not in the catalog",
    title: ({ kind, name }) => `The ${kind} "${name}" is not in the catalog.`,
    why: ({ kind }) =>
      kind === "model"
        ? "Memory and speed are computed from its shape: layers, heads, widths and how its weights are stored."
        : "Memory and speed are computed from what the driver shows of it, its bandwidth and its arithmetic.",
    fix: ({ kind, nearest }) =>
      `${nearest === null ? "" : `Did you mean "${nearest}"? `}\`freehold catalog list ${kind}s\` names all that are known; your own goes under \`catalog.${kind}s\` of a stack file, which --file names.`,
    example: { kind: "model", name: "Qwen/Qwen3-23B", nearest: "Qwen/Qwen3-32B" },
  }),
} as const;

/** The cheapest ways out, as one sentence each; the first is the cheapest. */
export function waysText(ways: readonly string[]): string {
  const [only, ...others] = ways;
  if (only === undefined)
    return "Serve a smaller or a quantised model, or use GPUs with more memory: no size of a replica that fits a node holds it.";
  if (others.length === 0) return `The way that makes it fit: ${only}.`;
  return `The cheapest ways to make it fit: ${ways.map((way, index) => `(${index + 1}) ${way}`).join("; ")}.`;
}
