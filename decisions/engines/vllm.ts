import type { Decided, Drain, EngineArgument, EnvironmentVariable, WeightsBlueprint } from "../blueprint.ts";
import { because, policy } from "../reason.ts";
import type { ReleaseContext } from "../release-context.ts";
import { toolCallArguments } from "../tool-calls.ts";
import { vocabularyOf } from "./vocabulary.ts";

/** Where the weight volume is mounted, in the layout of the Hugging Face cache. */
const weightsDirectory = "/weights";

/**
 * Options after `vllm serve <repository>`, by name. All that decides memory, identity or shutdown is written out,
 * so that a new engine's defaults cannot move it unseen.
 * @see https://docs.vllm.ai/en/v0.18.0/cli/serve/
 */
export function vllmArguments(
  context: ReleaseContext,
  weights: WeightsBlueprint,
  drain: Decided<Drain>,
): EngineArgument[] {
  const { model, shape, modelName, modelPath, versionPath, catalog } = context;
  const revision =
    weights.commit === null
      ? because(
          `${versionPath}.weights.revision`,
          `The lock has no commit, so the engine asks for ${weights.revision} as written.`,
        )
      : because("lock.weights", `The commit that ${weights.revision} stood for when the lock was written.`);
  const pooling = model.task === "embed";
  const facts = catalog.engines.vllm;
  const options: EngineArgument[] = [
    argument("--revision", weights.deployedRevision, revision),
    argument("--tokenizer-revision", weights.deployedRevision, {
      ...revision,
      text: "The tokenizer is of the same commit: another one would count and cut tokens differently.",
    }),
    argument(
      "--served-model-name",
      modelName,
      because(modelPath, "Callers use the model's name in the file, whichever version serves it."),
    ),
    argument(
      "--runner",
      pooling ? "pooling" : "generate",
      because(
        `${modelPath}.task`,
        `The task is ${model.task}; left to itself the engine guesses it from the repository.`,
      ),
    ),
    argument("--host", "0.0.0.0", policy("The pod's own address; the NetworkPolicy says who reaches it.")),
    argument(
      "--port",
      String(facts.port),
      because(
        "catalog.engines.vllm.port",
        "The engine's own default, written out because Service and probes point at it.",
      ),
    ),
    argument(
      "--tensor-parallel-size",
      String(shape.tensorParallelSize.value),
      because(shape.tensorParallelSize.path, "GPUs that one replica spans."),
    ),
    argument(
      "--max-model-len",
      String(model.maxModelLen),
      because(
        `${modelPath}.maxModelLen`,
        "Longest prompt plus completion, in tokens; the engine refuses to start when the cache cannot hold one such request.",
      ),
    ),
    argument(
      "--gpu-memory-utilization",
      String(shape.gpuMemoryUtilization.value),
      because(
        shape.gpuMemoryUtilization.path,
        "Written out because the engine's default moved from 0.90 to 0.92 in 0.22.",
      ),
    ),
    argument("--kv-cache-dtype", shape.kvCacheDtype.value, ...shape.kvCacheDtype.because),
    argument("--max-num-seqs", String(shape.maxNumSeqs.value), ...shape.maxNumSeqs.because),
    argument("--max-num-batched-tokens", String(shape.maxNumBatchedTokens.value), ...shape.maxNumBatchedTokens.because),
    ...(pooling ? [] : [prefixCaching]),
    ...toolCallArguments(context),
    argument(
      "--shutdown-timeout",
      String(drain.value.shutdownTimeoutSeconds),
      policy(
        "Seconds that running requests may take after SIGTERM; without it (engine 0.18 and newer) they are aborted.",
      ),
    ),
    argument(
      "--disable-access-log-for-endpoints",
      "/health,/metrics,/v1/models",
      policy(
        "Probes and scrapes come every few seconds and would bury the requests of users in the log (engine 0.16 and newer).",
      ),
    ),
  ];
  return options.sort((a, b) => (a.flag < b.flag ? -1 : 1));
}

/** Written out because the shared prefix of a workload is sized as held once, and read from the cache. */
const prefixCaching: EngineArgument = {
  flag: "--enable-prefix-caching",
  value: null,
  because: [
    policy(
      "What many requests begin with is computed and held once. It is the engine's default, written out because sizing counts on it.",
    ),
  ],
};

/** Environment of the engine, by name: offline, silent, and nothing fetched on behalf of a caller. */
export function vllmEnvironment(weights: WeightsBlueprint): EnvironmentVariable[] {
  const variables: EnvironmentVariable[] = [
    ...vocabularyVariables(weights),
    variable(
      "DO_NOT_TRACK",
      "1",
      "Switches off usage statistics of vLLM and of libraries that honour the common name.",
    ),
    variable(
      "HF_HUB_CACHE",
      weightsDirectory,
      "The weight volume, filled beforehand in the layout of the Hugging Face cache.",
    ),
    variable("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1", "No token is sent unless one is named, and serving needs none."),
    variable("HF_HUB_DISABLE_TELEMETRY", "1", "The hub's client reports usage unless told not to."),
    variable(
      "HF_HUB_OFFLINE",
      "1",
      "Even with all files in place the engine asks the hub at every start (runpod worker-vllm issue 46). The pod has no way out, so it would wait and fail.",
    ),
    variable("TRANSFORMERS_OFFLINE", "1", "The same for the library that reads configuration and tokenizer."),
    variable(
      "VLLM_MEDIA_URL_ALLOW_REDIRECTS",
      "0",
      "A request may name the address of an image or a sound; without redirects it cannot be led to an internal one.",
    ),
    variable(
      "VLLM_NO_USAGE_STATS",
      "1",
      "vLLM reports hardware and model to its makers every 600 s unless told not to.",
    ),
  ];
  return variables.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where the engine finds a vocabulary that it would fetch otherwise. */
function vocabularyVariables(weights: WeightsBlueprint): EnvironmentVariable[] {
  const vocabulary = vocabularyOf(weights);
  if (vocabulary === null) return [];
  const { repository, deployedRevision } = weights;
  const snapshot = `${weightsDirectory}/models--${repository.replaceAll("/", "--")}/snapshots/${deployedRevision}`;
  const folder = vocabulary.folder === "" ? snapshot : `${snapshot}/${vocabulary.folder}`;
  return [
    variable(
      vocabulary.variable,
      folder,
      "The vocabulary lies beside the weights. Without this the engine fetches it with the first prompt, which fails: the pod has no way out.",
    ),
  ];
}

function argument(flag: string, value: string, ...reasons: EngineArgument["because"]): EngineArgument {
  return { flag, value, because: reasons };
}

function variable(name: string, value: string, text: string): EnvironmentVariable {
  return { name, value, because: [policy(text)] };
}
