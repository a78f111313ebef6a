import type { ResidencyConfig, WorkloadConfig } from "../../config/schema/index.ts";
import type { Reason } from "../blueprint.ts";
import type { Catalog } from "../catalog/index.ts";
import type { Capacity } from "../cost/fleet.ts";
import type { Cents } from "../cost/money.ts";
import type { Staff } from "../cost/self-hosted.ts";
import { mapRange } from "../range.ts";
import type { CarriedDraft } from "./draft.ts";
import type { Situation } from "./judge.ts";
import type { PricedNode } from "./node-price.ts";
import type { TokenOffer } from "./offers.ts";

/** What hosting is decided from, for one workload. */
export interface HostingRequest {
  readonly name: string;
  readonly workload: WorkloadConfig;
  /** Weights of the version that serves. */
  readonly repository: string;
  /** Null where the model could not be sized. */
  readonly capacity: Capacity | null;
  /** Null where nothing says what the pool costs. */
  readonly nodePrice: PricedNode | null;
  /** This workload's share of the team. */
  readonly staff: Staff & { readonly because: readonly Reason[] };
  /** What the GPUs of the judge cost a month that grades its answers; 0 where nobody does. */
  readonly gradingCents: Cents;
  /** What its escalated requests carry along; null where they carry nothing. */
  readonly draft: CarriedDraft | null;
  /** What it pays of nodes and team that it shares; null where it shares none. */
  readonly allotted: { readonly capacityCents: Cents; readonly staffCents: Cents } | null;
  readonly residency: ResidencyConfig | undefined;
  readonly catalog: Catalog;
}

function tokensOfRequest({ inputTokens, outputTokens }: WorkloadConfig): number {
  return inputTokens.mean + outputTokens.mean;
}

/** The figures of a workload that the verdict is computed from. */
export function situationOf(
  { workload, staff, gradingCents, draft }: HostingRequest,
  capacity: Capacity,
  nodePrice: PricedNode,
  frontier: TokenOffer | null,
  hosted: TokenOffer | null,
): Situation {
  const usable = frontier?.status === "available" ? frontier.usdPerMillion : null;
  return {
    tokensPerMonth: workload.tokensPerMonth,
    peakToMean: workload.peakToMean,
    capacity,
    nodePrice,
    staff,
    gradingCents,
    frontier: usable,
    draft:
      usable === null || frontier === null || draft === null
        ? null
        : mapRange(frontier.inputUsdPerMillion, (usd) => (usd * draft.tokens) / tokensOfRequest(workload)),
    hosted: hosted?.usdPerMillion ?? null,
    // What residency forbids cannot be escalated to.
    escalationShare: usable === null ? 0 : workload.escalationShare,
  };
}
