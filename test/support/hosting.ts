import type { WorkloadConfig } from "../../config/schema/index.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import type { Capacity } from "../../decisions/cost/fleet.ts";
import type { PricedNode } from "../../decisions/hosting/node-price.ts";
import type { HostingRequest } from "../../decisions/hosting/request.ts";

/** Ten billion tokens a month, 8,000 in and 1,000 out, against Claude Sonnet. */
export function workloadConfig(overrides: Partial<WorkloadConfig> = {}): WorkloadConfig {
  return {
    model: "chat",
    tokensPerMonth: 10e9,
    inputTokens: { mean: 8000, p95: 16_000 },
    outputTokens: { mean: 1000, p95: 2000 },
    peakToMean: 2.5,
    batchShare: 0,
    escalationShare: 0,
    alternative: { provider: "anthropic", model: "claude-sonnet-5" },
    ...overrides,
  };
}

/** One H200 a replica, as the reference's gpt-oss figures have it, known to a sixth either way. */
export function capacityOf(overrides: Partial<Capacity> = {}): Capacity {
  return {
    totalTokensPerSecondPerReplica: { low: 9000, value: 10_820, high: 12_600 },
    gpusPerReplica: 1,
    gpusPerNode: 1,
    ...overrides,
  };
}

/** 3.50 dollars for a GPU and hour. */
export function nodePrice(overrides: Partial<PricedNode> = {}): PricedNode {
  return {
    usd: 3.5,
    per: "gpu-hour",
    path: "nodePools.h200.price",
    source: "our quote",
    asOf: "2026-11-01",
    text: "nodePools.h200.price: $3.50 a gpu-hour (on-demand; our quote, as of 2026-11-01).",
    ...overrides,
  };
}

/** Weights that nobody in the catalog sells, so that the alternative is the only other offer. */
export function hostingRequest(overrides: Partial<HostingRequest> = {}): HostingRequest {
  return {
    name: "support",
    workload: workloadConfig(),
    repository: "acme/own-model",
    capacity: capacityOf(),
    nodePrice: nodePrice(),
    staff: {
      engineers: 1,
      usdPerMonthEach: 25_000,
      because: [{ path: "team", text: "1 engineer at $25,000 a month each." }],
    },
    allotted: null,
    gradingCents: 0,
    draft: null,
    residency: undefined,
    catalog,
    ...overrides,
  };
}
