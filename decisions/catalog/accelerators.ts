import type { Sourced } from "./sourced.ts";

/** A kind of GPU, as far as placement and memory need it. */
export interface Accelerator extends Sourced {
  /** Memory that the driver reports for one GPU. MiB; less than the vendor's figure. */
  readonly visibleMiB: number;
  /** Memory that vLLM itself has logged for one GPU, which is a little less again. GiB; null where no log was found. */
  readonly engineVisibleGiB: number | null;
}

/** Accelerators by the key that `nodePools.<pool>.accelerator` uses. */
export const accelerators: Readonly<Record<string, Accelerator>> = {
  "nvidia-a10g": {
    visibleMiB: 22_888,
    engineVisibleGiB: null,
    source:
      "memory and bandwidth: baseten.co/blog/nvidia-a10-vs-a10g-for-ml-model-inference; visible MiB: AWS instance data in github.com/aws/karpenter-provider-aws @1d927085",
    asOf: "unknown",
  },
  "nvidia-l4": {
    visibleMiB: 22_888,
    engineVisibleGiB: null,
    source: "github.com/ai-dynamo/aiconfigurator aic-core systems/l4.yaml @095f58a5 (2026-08-21); visible MiB AWS data",
    asOf: "2026-08-21",
  },
  "nvidia-l40s": {
    visibleMiB: 46_068,
    engineVisibleGiB: 44.42,
    source:
      "github.com/ai-dynamo/aiconfigurator aic-core systems/l40s.yaml @095f58a5 (2026-08-21); engine figure: vLLM's own start logs",
    asOf: "2026-08-21",
  },
  "nvidia-a100-40gb-sxm": {
    visibleMiB: 40_960,
    engineVisibleGiB: null,
    source: "glennklockwood.com/garden/processors/A100; AWS data",
    asOf: "unknown",
  },
  "nvidia-a100-80gb-sxm": {
    visibleMiB: 81_920,
    engineVisibleGiB: 79.25,
    source:
      "github.com/ai-dynamo/aiconfigurator aic-core systems/a100_sxm.yaml @095f58a5 (2026-08-21); engine figure: vLLM's own start logs",
    asOf: "2026-08-21",
  },
  "nvidia-a100-80gb-pcie": {
    visibleMiB: 81_920,
    engineVisibleGiB: null,
    source: "github.com/ai-dynamo/aiconfigurator aic-core systems/a100_pcie.yaml @095f58a5 (2026-08-21)",
    asOf: "2026-08-21",
  },
  "nvidia-h100-sxm": {
    visibleMiB: 81_559,
    engineVisibleGiB: 79.18,
    source:
      "github.com/ai-dynamo/aiconfigurator aic-core systems/h100_sxm.yaml @095f58a5 (2026-08-21); github.com/SemiAnalysisAI/InferenceX-app gpu-specs and constants @77ca49a6 (2026-04-03); engine figure: vLLM's own start logs",
    asOf: "2026-08-21",
  },
  "nvidia-h200-sxm": {
    visibleMiB: 144_384,
    engineVisibleGiB: null,
    source:
      "github.com/ai-dynamo/aiconfigurator aic-core systems/h200_sxm.yaml @095f58a5 (2026-08-21); github.com/SemiAnalysisAI/InferenceX-app gpu-specs and constants @77ca49a6 (2026-04-03)",
    asOf: "2026-08-21",
  },
  "nvidia-b200-sxm": {
    visibleMiB: 183_359,
    engineVisibleGiB: null,
    source:
      "github.com/ai-dynamo/aiconfigurator aic-core systems/b200_sxm.yaml @095f58a5 (2026-08-21); github.com/SemiAnalysisAI/InferenceX-app gpu-specs and constants @77ca49a6 (2026-04-03)",
    asOf: "2026-08-21",
  },
  "nvidia-b300-sxm": {
    visibleMiB: 275_040,
    engineVisibleGiB: null,
    source:
      "github.com/ai-dynamo/aiconfigurator aic-core systems/b300_sxm.yaml @095f58a5 (2026-08-21); github.com/SemiAnalysisAI/InferenceX-app gpu-specs and constants @77ca49a6 (2026-04-03)",
    asOf: "2026-08-21",
  },
  "nvidia-gb200": {
    visibleMiB: 189_471,
    engineVisibleGiB: null,
    source:
      "github.com/ai-dynamo/aiconfigurator aic-core systems/gb200.yaml @095f58a5 (2026-08-21); github.com/SemiAnalysisAI/InferenceX-app gpu-specs and constants @77ca49a6 (2026-04-03)",
    asOf: "2026-08-21",
  },
  "nvidia-gb300": {
    visibleMiB: 284_208,
    engineVisibleGiB: null,
    source:
      "github.com/ai-dynamo/aiconfigurator aic-core systems/gb300.yaml @095f58a5 (2026-08-21); github.com/SemiAnalysisAI/InferenceX-app gpu-specs and constants @77ca49a6 (2026-04-03)",
    asOf: "2026-08-21",
  },
  "nvidia-rtx-pro-6000-server": {
    visibleMiB: 97_887,
    engineVisibleGiB: null,
    source: "github.com/ai-dynamo/aiconfigurator aic-core systems/rtx_pro_6000_server.yaml @095f58a5 (2026-08-21)",
    asOf: "2026-08-21",
  },
};
