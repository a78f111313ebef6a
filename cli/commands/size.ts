import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { nearest } from "../../config/diagnostics/nearest.ts";
import { milliseconds, patterns } from "../../config/schema/primitives.ts";
import type { Demand } from "../../decisions/capacity/demand.ts";
import type { ServingEngine } from "../../decisions/capacity/replica.ts";
import { type SizingRequest, sizeModel } from "../../decisions/capacity/sizing.ts";
import { type Catalog, catalog, lookUp } from "../../decisions/catalog/index.ts";
import { withUserFacts } from "../../decisions/catalog/user-facts.ts";
import { releaseOfImage } from "../../decisions/engine-version.ts";
import { byName } from "../../decisions/figures.ts";
import { sizeFailureText } from "../../decisions/size-failure-text.ts";
import { sizeText } from "../../decisions/size-text.ts";
import { describeSizing } from "../../decisions/sizing-blueprint.ts";
import { type Command, type CommandContext, exitCodes, jsonOption, type OptionValues } from "../command.ts";
import { openStack } from "../stack.ts";

const usage = "--model REPOSITORY --gpu NAME [--input TOKENS --output TOKENS --rps NUMBER] [options]";
const engines: readonly ServingEngine[] = ["vllm", "sglang", "trtllm", "tgi"];
/** Longest request where none is given, for a model that takes more. Tokens. */
const commonLength = 32_768;

export const size: Command = {
  name: "size",
  summary: "Sizes one model on one kind of GPU for one load, from options alone: how many GPUs, and what they deliver.",
  usage,
  positionals: 0,
  options: {
    model: {
      type: "string",
      value: "REPOSITORY",
      description: "Model, as on the Hugging Face hub: `catalog list models` names all.",
    },
    gpu: { type: "string", value: "NAME", description: "GPU, such as nvidia-h100-sxm." },
    "gpus-per-node": {
      type: "string",
      value: "COUNT",
      description: "GPUs of a node: the most that one replica spans. Left out: 8.",
    },
    input: { type: "string", value: "TOKENS", description: "Mean length of the input." },
    output: { type: "string", value: "TOKENS", description: "Mean length of the output; 0 with --task embed." },
    rps: {
      type: "string",
      value: "NUMBER",
      description: "Requests a second in the busiest hour. Left out: one replica is sized, for memory alone.",
    },
    "input-p95": {
      type: "string",
      value: "TOKENS",
      description: "Length that 95 of 100 inputs stay within. Left out: the mean.",
    },
    "shared-prefix": {
      type: "string",
      value: "TOKENS",
      description: "Leading tokens that all inputs share. Left out: 0.",
    },
    ttft: {
      type: "string",
      value: "TIME",
      description: "Longest time to the first token at the 95th percentile, such as 1s. Left out: no limit.",
    },
    itl: {
      type: "string",
      value: "TIME",
      description: "Longest time between two tokens at the 95th percentile, such as 50ms. Left out: no limit.",
    },
    "max-model-len": {
      type: "string",
      value: "TOKENS",
      description: `Longest request. Left out: what the model takes, at most ${commonLength}, or the lengths above if they are longer.`,
    },
    "tensor-parallel-size": { type: "string", value: "COUNT", description: "GPUs a replica. Left out: decided." },
    "max-num-seqs": { type: "string", value: "COUNT", description: "Requests at once at most. Left out: decided." },
    "max-num-batched-tokens": {
      type: "string",
      value: "TOKENS",
      description: "Tokens of one step at most. Left out: the engine's default.",
    },
    "gpu-memory-utilization": {
      type: "string",
      value: "SHARE",
      description: "Share of each GPU for the engine, 0.1 to 0.98. Left out: 0.9.",
    },
    "kv-cache-dtype": { type: "string", value: "TYPE", description: "auto or fp8. Left out: auto, 16 bits." },
    engine: {
      type: "string",
      value: "NAME",
      description: `${engines.join(", ")}. Left out: vllm. Speeds of engines without measured points have wider ranges.`,
    },
    task: { type: "string", value: "TASK", description: "generate or embed. Left out: generate." },
    file: {
      type: "string",
      value: "FILE",
      description: "Stack file whose `catalog` section is laid over Freehold's. Left out: the catalog alone.",
    },
    ...jsonOption,
  },
  async run(context, options) {
    const known = catalogOf(context, options);
    const { repository, request } = readRequest(options, known);
    const result = sizeModel(request);
    const { chosen } = result;
    const { stdout } = context.terminal;
    if (options.json === true) {
      const sizing = chosen === null ? null : describeSizing(chosen);
      const replica =
        chosen === null
          ? null
          : {
              tensorParallelSize: chosen.tensorParallelSize,
              maxNumSeqs: chosen.setup.maxNumSeqs,
              maxNumBatchedTokens: chosen.setup.maxNumBatchedTokens,
            };
      const outcomes = result.candidates.map(({ kind, tensorParallelSize }) => ({ tensorParallelSize, kind }));
      stdout.write(
        `${JSON.stringify({ model: repository, accelerator: request.acceleratorKey, fleet: chosen?.fleet ?? null, replica, sizing, candidates: outcomes }, null, 2)}\n`,
      );
    } else {
      stdout.write(
        chosen === null
          ? sizeFailureText(repository, request, result, known)
          : sizeText(repository, request, chosen, result.candidates),
      );
    }
    return chosen === null ? exitCodes.findings : exitCodes.fine;
  },
};

/** The catalog, with the user's own facts where --file names them; a file at fault has its own command. */
function catalogOf(context: CommandContext, { file }: OptionValues): Catalog {
  if (typeof file !== "string") return catalog;
  const { config } = openStack(context, file);
  if (config === null) throw unusable(`--file ${file} has errors, which freehold check tells`);
  return withUserFacts(catalog, config.catalog).catalog;
}

function readRequest(options: OptionValues, known: Catalog): { repository: string; request: SizingRequest } {
  const repository = required(options, "model");
  const acceleratorKey = required(options, "gpu");
  const model = lookUp(known.models, repository) ?? unknown("model", repository, Object.keys(known.models));
  const accelerator =
    lookUp(known.accelerators, acceleratorKey) ??
    unknown("accelerator", acceleratorKey, Object.keys(known.accelerators));
  const task = oneOf(options, "task", ["generate", "embed"]) ?? "generate";
  const demand = readDemand(options, task);
  const longest = demand === null ? 0 : demand.longInputTokens + demand.outputTokens;
  const maxModelLen =
    count(options, "max-model-len") ?? Math.max(Math.ceil(longest), Math.min(model.maxPositions, commonLength));
  if (maxModelLen > model.maxPositions) {
    throw unusable(
      `requests of ${maxModelLen} tokens are longer than the ${model.maxPositions} that ${repository} takes`,
    );
  }
  if (longest > maxModelLen)
    throw unusable(`--max-model-len ${maxModelLen} is shorter than the requests, ${Math.ceil(longest)} tokens`);
  const tensorParallelSize = count(options, "tensor-parallel-size");
  if (tensorParallelSize !== undefined && model.attentionHeads % tensorParallelSize !== 0) {
    throw unusable(
      `--tensor-parallel-size ${tensorParallelSize} does not divide the ${model.attentionHeads} attention heads of ${repository}`,
    );
  }
  const gpusPerNode = count(options, "gpus-per-node") ?? 8;
  if (tensorParallelSize !== undefined && tensorParallelSize > gpusPerNode) {
    throw unusable(`--tensor-parallel-size ${tensorParallelSize} spans more GPUs than a node has, ${gpusPerNode}`);
  }
  return {
    repository,
    request: {
      model,
      accelerator,
      acceleratorKey,
      gpusPerNode,
      engine: oneOf(options, "engine", engines) ?? "vllm",
      release: releaseOfImage(known.engines.vllm.image),
      task,
      maxModelLen,
      overrides: {
        tensorParallelSize,
        maxNumSeqs: count(options, "max-num-seqs"),
        maxNumBatchedTokens: count(options, "max-num-batched-tokens"),
        gpuMemoryUtilization: number(options, "gpu-memory-utilization", 0.1, 0.98),
        kvCacheDtype: oneOf(options, "kv-cache-dtype", ["auto", "fp8"]),
      },
      demands: demand === null ? [] : [demand],
    },
  };
}

function readDemand(options: OptionValues, task: "generate" | "embed"): Demand | null {
  const requestsPerSecond = number(options, "rps", 1e-6, 1e6);
  const inputTokens = number(options, "input", 1, 1e7);
  const outputTokens = number(options, "output", task === "embed" ? 0 : 1, 1e7) ?? (task === "embed" ? 0 : undefined);
  if (requestsPerSecond === undefined) {
    const pointless = (["ttft", "itl", "input", "output", "input-p95", "shared-prefix"] as const).find(
      (key) => options[key] !== undefined,
    );
    if (pointless !== undefined) throw unusable(`--${pointless} says nothing without --rps`);
    return null;
  }
  if (inputTokens === undefined || outputTokens === undefined) throw unusable("--rps needs --input and --output");
  const longInputTokens = number(options, "input-p95", 1, 1e7) ?? inputTokens;
  if (longInputTokens < inputTokens) throw unusable(`--input-p95 ${longInputTokens} is below --input ${inputTokens}`);
  const sharedPrefixTokens = number(options, "shared-prefix", 0, 1e7) ?? 0;
  if (sharedPrefixTokens > inputTokens)
    throw unusable(`--shared-prefix ${sharedPrefixTokens} is longer than --input ${inputTokens}`);
  return {
    workload: "this load",
    path: "policy",
    requestsPerSecond,
    inputTokens,
    outputTokens,
    longInputTokens,
    sharedPrefixTokens,
    objectives: { ttftMilliseconds: latency(options, "ttft"), interTokenMilliseconds: latency(options, "itl") },
  };
}

function required(options: OptionValues, key: string): string {
  const value = options[key];
  if (typeof value !== "string") throw unusable(`--${key} is missing`);
  return value;
}

function number(options: OptionValues, key: string, least: number, most: number): number | undefined {
  const text = options[key];
  if (typeof text !== "string") return undefined;
  const value = /^[0-9]+(\.[0-9]+)?(e[0-9]{1,2})?$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw unusable(`--${key} has to be a number from ${least} to ${most}, not "${text}"`);
  return value;
}

function count(options: OptionValues, key: string): number | undefined {
  const value = number(options, key, 1, 1e7);
  if (value !== undefined && !Number.isInteger(value))
    throw unusable(`--${key} has to be a whole number, not "${options[key]}"`);
  return value;
}

function latency(options: OptionValues, key: string): number | null {
  const text = options[key];
  if (typeof text !== "string") return null;
  if (!patterns.latency.test(text)) throw unusable(`--${key} has to be a time such as 50ms or 1s, not "${text}"`);
  return milliseconds(text);
}

function oneOf<T extends string>(options: OptionValues, key: string, allowed: readonly T[]): T | undefined {
  const text = options[key];
  if (typeof text !== "string") return undefined;
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw unusable(`--${key} has to be one of ${allowed.join(", ")}, not "${text}"`);
  return found;
}

function unusable(problem: string): Failure {
  return new Failure(
    finding(
      "RUN-111",
      { subject: "freehold size" },
      { problem, usage: `freehold size ${usage}`, options: Object.keys(size.options).map((key) => `--${key}`) },
    ),
  );
}

function unknown(kind: "model" | "accelerator", name: string, known: readonly string[]): never {
  throw new Failure(
    finding("CAP-137", { subject: "freehold size" }, { kind, name, nearest: nearest(name, [...known].sort(byName)) }),
  );
}
