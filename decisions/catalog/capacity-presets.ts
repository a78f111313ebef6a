import type { Sourced } from "./sourced.ts";

/** A price of eight H100 in one node, for comparing where capacity could come from. */
export interface CapacityPreset extends Sourced {
  readonly name: string;
  readonly accelerator: string;
  readonly gpusPerNode: number;
  readonly usd: number;
  readonly per: "node-hour" | "gpu-hour";
}

const h100 = { accelerator: "nvidia-h100-sxm", gpusPerNode: 8, per: "node-hour" } as const;

/** Ways to have eight H100, from the dearest to the cheapest. Undated ones are shown and never taken by default. */
export const capacityPresets: Readonly<Record<string, CapacityPreset>> = {
  "azure-on-demand": {
    ...h100,
    name: "Azure ND96isr_H100_v5, eastus",
    usd: 98.32,
    source: "github.com/Azure/karpenter-provider-azure generated prices @352646f5, generated 2026-06-18",
    asOf: "2026-06-18",
  },
  "aws-on-demand": {
    ...h100,
    name: "AWS p5.48xlarge, us-east-1",
    usd: 55.04,
    source: "github.com/aws/karpenter-provider-aws zz_generated.pricing_aws.go @1d927085, generated 2026-07-20",
    asOf: "2026-07-20",
  },
  lambda: {
    ...h100,
    name: "Lambda 8xH100 SXM",
    usd: 31.92,
    source: "github.com/skypilot-org/skypilot-catalog v8",
    asOf: "unknown",
  },
  nebius: {
    ...h100,
    name: "Nebius, eight times 1xH100",
    usd: 23.6,
    source: "github.com/skypilot-org/skypilot-catalog v8: 2.95 a GPU",
    asOf: "unknown",
  },
  "nebius-h200-gpu": {
    name: "Nebius 1xH200",
    accelerator: "nvidia-h200-sxm",
    gpusPerNode: 1,
    usd: 3.5,
    per: "gpu-hour",
    source: "github.com/skypilot-org/skypilot-catalog v8",
    asOf: "unknown",
  },
  own: {
    ...h100,
    name: "Own hardware at a GPU cloud's cost",
    usd: 13.52,
    source:
      "github.com/SemiAnalysisAI/InferenceX-app constants @77ca49a6: 1.69 a GPU and hour, all-in cost of ownership of a GPU cloud",
    asOf: "2026-04-03",
  },
};
