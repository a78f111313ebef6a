import type { Sourced } from "./sourced.ts";

/** An engine's release that Freehold is tested with, and what its options need. */
export interface EngineFacts extends Sourced {
  /** Image used when a version names none. */
  readonly image: string;
  /** Port of the OpenAI-compatible server. */
  readonly port: number;
  /** Release in which a flag appeared, for flags that older engines refuse. */
  readonly flagsSince: Readonly<Record<string, Sourced & { readonly version: string }>>;
}

export const engines: Readonly<Record<"vllm", EngineFacts>> = {
  vllm: {
    image: "docker.io/vllm/vllm-openai:v0.33.0",
    port: 8000,
    flagsSince: {
      "--runner": {
        version: "0.10.1",
        source: "https://docs.vllm.ai/en/v0.10.1/configuration/engine_args.html",
        asOf: "unknown",
      },
      "--disable-access-log-for-endpoints": {
        version: "0.16.0",
        source:
          "https://docs.redhat.com/en/documentation/red_hat_openshift_ai_self-managed/3.5/html/deploy_models_using_distributed_inference_with_llm-d/vllm-uvicorn-access-logs_distributed-inference",
        asOf: "unknown",
      },
      "--shutdown-timeout": {
        version: "0.18.0",
        source: "https://docs.vllm.ai/en/v0.18.0/cli/serve/; github.com/vllm-project/vllm pull 36666",
        asOf: "unknown",
      },
    },
    source: "github.com/vllm-project/vllm release v0.33.0",
    asOf: "2026-10-29",
  },
};
