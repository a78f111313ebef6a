import type { Sourced } from "./sourced.ts";

/** How software of a component is kept from reporting home or fetching on its own. */
interface Telemetry extends Sourced {
  readonly variables: Readonly<Record<string, string>>;
  /** Whether its container cannot start with a read-only root file system, and why. */
  readonly writableRoot: string | null;
}

const langchain = { LANGCHAIN_TRACING_V2: "false", LANGSMITH_TRACING: "false" };

/**
 * Switches by component, as the labels of its pods name it. A variable proves no silence, only a network without a way
 * out does; these keep software from trying, and from waiting for an answer.
 */
export const telemetry: Readonly<Record<string, Telemetry>> = {
  engine: {
    variables: {
      DO_NOT_TRACK: "1",
      HF_HUB_DISABLE_IMPLICIT_TOKEN: "1",
      HF_HUB_DISABLE_TELEMETRY: "1",
      HF_HUB_OFFLINE: "1",
      TRANSFORMERS_OFFLINE: "1",
      VLLM_MEDIA_URL_ALLOW_REDIRECTS: "0",
      VLLM_NO_USAGE_STATS: "1",
    },
    writableRoot:
      "Hooks of the NVIDIA container toolkit write to the image's /etc/ld.so.cache before the engine starts, and fail on some nodes if they cannot.",
    source:
      "github.com/vllm-project/vllm vllm/usage/usage_lib.py and docs/usage/security.md; github.com/huggingface/huggingface_hub constants.py",
    asOf: "2026-11-23",
  },
  "egress-proxy": {
    // Envoy reports nothing of its own accord: statistics and traces go where a configuration sends them, and none does.
    variables: {},
    writableRoot: null,
    source: "github.com/envoyproxy/envoy docs/root/operations; charts/egress-proxy/templates/_envoy.tpl",
    asOf: "2026-11-25",
  },
  gateway: {
    variables: {},
    writableRoot: null,
    source: "services/gateway of this checkout: it reports to nobody, and opens connections to its backends alone",
    asOf: "2026-11-25",
  },
  orchestrator: {
    variables: langchain,
    writableRoot: null,
    source:
      "github.com/langchain-ai/langchainjs libs/langchain-core/src/utils/callbacks.ts: without them it asks the environment; services/orchestrator itself reports to nobody",
    asOf: "2026-11-25",
  },
  "migrate-agents": {
    variables: langchain,
    writableRoot: null,
    source: "the orchestrator's image, which ends once it has changed the tables: see there",
    asOf: "2026-11-26",
  },
  "fetch-weights": {
    variables: { HF_HUB_DISABLE_TELEMETRY: "1" },
    writableRoot: null,
    source: "github.com/huggingface/huggingface_hub constants.py",
    asOf: "2026-11-23",
  },
};
