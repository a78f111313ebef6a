import type { Decided, Reason } from "../blueprint.ts";
import { type BreakEven, breakEven, floorTokens } from "../cost/break-even.ts";
import { averageUtilization, type Fleet, fleetPolicy, hoursPerMonth } from "../cost/fleet.ts";
import { perMillionText, usdText, volumeText } from "../cost/money.ts";
import {
  type Bill,
  bill,
  type CostLine,
  capacityCents,
  staffCents,
  tokenCents,
  usdPerMillion,
  utilizationNeeded,
} from "../cost/self-hosted.ts";
import { countText } from "../figures.ts";
import type { Range } from "../range.ts";
import { because, decided, policy } from "../reason.ts";
import type { Judgement, OtherOffer, Situation } from "./judge.ts";
import type { PricedNode } from "./node-price.ts";
import type { TokenOffer } from "./offers.ts";
import type { HostingRequest } from "./request.ts";

/** How self-hosting stands against one offer. */
export interface Standing {
  readonly against: string;
  /** Share of the paid hours that would have to be busy to match it; above 1 it cannot. */
  readonly utilizationNeeded: Decided<number>;
  /** Null when no volume is enough. */
  readonly breakEven: Decided<BreakEven | null>;
  /** Tokens a month below which the fleet, once it stands, costs more. */
  readonly floorTokens: Decided<number | null>;
}

export interface SelfHosted {
  readonly fleet: Decided<Fleet>;
  readonly bill: Decided<Bill>;
  /** Cents a month over the range of the throughput. */
  readonly monthlyCents: Range;
  readonly usdPerMillion: Decided<number>;
  readonly utilization: Decided<number>;
  readonly standings: readonly Standing[];
}

/** Self-hosting as an offer: its fleet, its bill and how it stands against what can be bought. */
export function selfHostedOffer(
  request: HostingRequest,
  situation: Situation,
  judgement: Judgement,
  nodePrice: PricedNode,
  frontier: TokenOffer | null,
  hosted: TokenOffer | null,
): SelfHosted {
  const { name, workload } = request;
  const { fleet } = judgement;
  const { capacity } = situation;
  const tokensPerSecond = capacity.totalTokensPerSecondPerReplica.value;
  const ownBill = billOf(situation, fleet, frontier, request.allotted);
  const perMillion = usdPerMillion(ownBill.totalCents, workload.tokensPerMonth);
  const utilization = averageUtilization(workload.tokensPerMonth, fleet, tokensPerSecond);
  const standings = [
    ...standing(request, situation, judgement, "frontier", frontier),
    ...standing(request, situation, judgement, "hosted", hosted),
  ];
  return {
    fleet: decided(
      fleet,
      because(
        `workloads.${name}.tokensPerMonth`,
        `${volumeText(workload.tokensPerMonth)} tokens a month, ${workload.peakToMean} times the average in the busiest hour.`,
      ),
      policy(
        `A replica delivers ${Math.round(tokensPerSecond)} tokens per second in all at its objectives, of which the busiest hour may take ${fleetPolicy.peakUtilization * 100} %: ${fleet.working} working. One is spare, or ${fleetPolicy.spareShare * 100} % where that is more: ${fleet.spare}.`,
      ),
    ),
    bill: decided(
      ownBill,
      because(nodePrice.path, nodePrice.text),
      policy(
        `A month has ${hoursPerMonth} hours. ${situation.nodePrice.per === "node-hour" ? "Whole nodes are paid." : "GPUs are paid one by one."}`,
      ),
      ...request.staff.because,
      ...draftReasons(request, situation),
    ),
    monthlyCents: judgement.selfHosted,
    usdPerMillion: decided(
      perMillion,
      policy(`${usdText(ownBill.totalCents)} over ${volumeText(workload.tokensPerMonth)} tokens.`),
    ),
    utilization: decided(
      utilization,
      policy(
        `The month's tokens over what ${fleet.replicas} replicas could deliver in all their hours, the spare included.`,
      ),
    ),
    standings,
  };
}

/** Lines that add up to the cent. */
function billOf(
  situation: Situation,
  fleet: Fleet,
  offer: TokenOffer | null,
  allotted: HostingRequest["allotted"],
): Bill {
  const { nodePrice, staff, escalationShare, frontier, draft, tokensPerMonth, gradingCents } = situation;
  const units = nodePrice.per === "node-hour" ? countText(fleet.nodes, "node") : countText(fleet.gpus, "GPU");
  const lines: CostLine[] = [
    { label: `Capacity: ${units}`, cents: allotted?.capacityCents ?? capacityCents(fleet, nodePrice) },
    {
      label: `Team: ${countText(Number(staff.engineers.toFixed(2)), "engineer")}`,
      cents: allotted?.staffCents ?? staffCents(staff),
    },
  ];
  if (gradingCents > 0) lines.push({ label: "Judge of its answers", cents: gradingCents });
  if (escalationShare > 0 && frontier !== null) {
    const cents = tokenCents(tokensPerMonth * escalationShare, frontier.value);
    lines.push({ label: `Escalated to ${offer?.name ?? "the alternative"}`, cents });
    if (draft !== null) {
      lines.push({ label: "Drafts that go along", cents: tokenCents(tokensPerMonth * escalationShare, draft.value) });
    }
  }
  return bill(lines);
}

function draftReasons({ draft }: HostingRequest, situation: Situation): Reason[] {
  if (draft === null || situation.draft === null || situation.escalationShare === 0) return [];
  return [
    because(
      draft.path,
      `An answer that does not hold goes along as context: ${draft.tokens} tokens of input, as long as an answer, paid as input that no cache holds. Counted for every escalated request: how many rules send on before there is a draft is not known beforehand.`,
    ),
  ];
}

function standing(
  { name }: HostingRequest,
  situation: Situation,
  { fleet }: Judgement,
  kind: OtherOffer,
  offer: TokenOffer | null,
): Standing[] {
  const price = kind === "frontier" ? situation.frontier : situation.hosted;
  if (price === null || offer === null) return [];
  // Against the frontier, what is escalated is paid there either way, and its draft on top; against a host, both escalate the same.
  const { escalationShare, draft } = situation;
  const drafts = (draft?.value ?? 0) * escalationShare;
  const saved = kind === "frontier" ? Math.max(0, price.value * (1 - escalationShare) - drafts) : price.value;
  const tokensPerSecond = situation.capacity.totalTokensPerSecondPerReplica.value;
  const fixed = staffCents(situation.staff) + situation.gradingCents;
  const standingCost = capacityCents(fleet, situation.nodePrice) + fixed;
  const crossing = breakEven({
    capacity: situation.capacity,
    tokensPerSecond,
    peakToMean: situation.peakToMean,
    nodePrice: situation.nodePrice,
    fixedCents: fixed,
    usdPerMillion: saved,
  });
  const needed = saved > 0 ? utilizationNeeded(standingCost, fleet, tokensPerSecond, saved) : Number.POSITIVE_INFINITY;
  const own = because("policy", `${usdText(standingCost)} a month for nodes and team, whatever the volume.`);
  const theirs = because(
    offer.pricePath,
    `${perMillionText(saved)} per million tokens are saved${saved < price.value ? ", escalations left out" : ""}.`,
  );
  return [
    {
      against: offer.name,
      utilizationNeeded: decided(needed, own, theirs),
      breakEven: decided(
        crossing,
        theirs,
        because(`workloads.${name}.peakToMean`, "The fleet grows with the volume, replica by replica."),
      ),
      floorTokens: decided(floorTokens(standingCost, saved), own, theirs),
    },
  ];
}
