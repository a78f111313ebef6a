import type { ResidencyConfig, WorkloadConfig } from "../../config/schema/index.ts";
import type { Decided, Reason } from "../blueprint.ts";
import { perMillionText, usdText } from "../cost/money.ts";
import { tokenCents } from "../cost/self-hosted.ts";
import { mapRange, type Range } from "../range.ts";
import { because, decided } from "../reason.ts";
import { type Judgement, judge, type Situation, savingMargin } from "./judge.ts";
import type { PricedNode } from "./node-price.ts";
import { frontierOffer, hostedOffers, type TokenOffer } from "./offers.ts";
import { type HostingRequest, situationOf } from "./request.ts";
import { isBound } from "./residency-bounds.ts";
import { ruleOfThumb, type Verdict } from "./rule-of-thumb.ts";
import { type SelfHosted, selfHostedOffer } from "./self-hosted-offer.ts";
import { type Flip, flips, type TornadoBar, tornado } from "./sensitivity.ts";
import { sensitivityInputs } from "./sensitivity-inputs.ts";

/** A price that a comparison rests on. */
export interface UsedPrice {
  readonly path: string;
  readonly text: string;
  readonly source: string;
  readonly asOf: string;
  /** First day on which it no longer holds, where one is announced. */
  readonly validUntil: string | null;
}

export interface HostingDecision {
  readonly workload: string;
  readonly model: string;
  readonly repository: string;
  readonly tokensPerMonth: number;
  readonly isBound: boolean;
  /** Share of the tokens that is paid at the frontier as well; 0 where that may not be used. Fraction of 1. */
  readonly escalationShare: number;
  readonly ruleOfThumb: Decided<Verdict>;
  /** Null where cost could not be computed; its reasons then say what is missing. */
  readonly verdict: Decided<Verdict | null>;
  /** Why the two answers differ; null when they agree or one is missing. */
  readonly difference: string | null;
  /** The offer that the verdict means; null for a pilot and where nothing was computed. */
  readonly recommended: string | null;
  readonly frontier: TokenOffer | null;
  /** The cheapest that can be used; null when nobody may or does host the model. */
  readonly hosted: TokenOffer | null;
  /** Further hosts, those that may not be used included, with the reason. */
  readonly otherHosts: readonly TokenOffer[];
  readonly selfHosted: SelfHosted | null;
  /** The figures that the verdict is computed from; null where size or price is not known. */
  readonly situation: Situation | null;
  /** Cents a month; null where an offer cannot be bought. */
  readonly frontierCents: Range | null;
  readonly hostedCents: Range | null;
  readonly flips: readonly Flip[];
  readonly tornado: readonly TornadoBar[];
  /** Prices that the comparison rests on. */
  readonly sources: readonly UsedPrice[];
}

/** What to do about one workload, from every offer that can be had, each figure with its ground. */
export function decideHosting(request: HostingRequest): HostingDecision {
  const { name, workload, repository, capacity, nodePrice, residency, catalog } = request;
  const frontier = frontierOffer(name, workload, catalog, residency);
  const hosts = hostedOffers(repository, workload, catalog, residency);
  const hosted = hosts.find(({ status }) => status === "available") ?? null;
  const thumb = ruleOfThumb(name, workload.tokensPerMonth, residency);
  const situation =
    capacity === null || nodePrice === null ? null : situationOf(request, capacity, nodePrice, frontier, hosted);
  const judgement = situation === null ? null : judge(situation);
  const verdict = computedVerdict(request, judgement, frontier, hosted);
  const chosen = verdict.value;
  const isComparable = situation !== null && judgement !== null && judgement.verdict !== null && chosen !== null;
  const inputs = isComparable ? sensitivityInputs(request, situation, frontier, hosted) : [];
  return {
    workload: name,
    model: workload.model,
    repository,
    tokensPerMonth: workload.tokensPerMonth,
    isBound: isBound(residency),
    escalationShare: situation?.escalationShare ?? workload.escalationShare,
    ruleOfThumb: thumb,
    verdict,
    difference: differenceOf(thumb.value, verdict, judgement, residency),
    recommended: recommendedOffer(chosen, judgement, frontier, hosted),
    frontier,
    hosted,
    otherHosts: hosts.filter((offer) => offer !== hosted),
    selfHosted:
      situation === null || judgement === null || nodePrice === null
        ? null
        : selfHostedOffer(request, situation, judgement, nodePrice, frontier, hosted),
    situation,
    frontierCents: judgement?.frontier ?? boughtCents(workload, frontier),
    hostedCents: judgement?.hosted ?? boughtCents(workload, hosted),
    flips: isComparable ? flips(inputs, chosen) : [],
    tornado: tornado(inputs),
    sources: sourcesOf(frontier, hosted, nodePrice),
  };
}

function computedVerdict(
  { capacity, nodePrice, workload, name, residency }: HostingRequest,
  judgement: Judgement | null,
  frontier: TokenOffer | null,
  hosted: TokenOffer | null,
): Decided<Verdict | null> {
  if (isBound(residency) && frontier?.status !== "available" && hosted === null) {
    return decided<Verdict>(
      "self-host",
      because("residency", "No offer that is known may process these requests, so only self-hosting is left."),
    );
  }
  if (judgement === null) {
    const missing: Reason[] = [
      ...(capacity === null
        ? [because(`models.${workload.model}`, "The model could not be sized, so what hosting it costs is not known.")]
        : []),
      ...(nodePrice === null
        ? [because(`models.${workload.model}.nodePool`, "What a node of its pool costs is not known.")]
        : []),
    ];
    return { value: null, because: missing };
  }
  if (judgement.verdict === null) {
    const text = "It names no API to compare with, and no dated price of this model at any host is known.";
    return { value: null, because: [because(`workloads.${name}.alternative`, text)] };
  }
  const rival = judgement.cheapest === "frontier" ? frontier : hosted;
  const rivalCents = judgement.cheapest === "frontier" ? judgement.frontier : judgement.hosted;
  const { selfHosted } = judgement;
  return decided<Verdict>(
    judgement.verdict,
    because(
      rival?.pricePath ?? "catalog.prices",
      `The cheapest offer that can be bought is ${rival?.name ?? "none"}: ${rangeText(rivalCents)} a month.`,
    ),
    because("policy", `Hosting it costs ${rangeText(selfHosted)} a month. ${marginText(judgement.verdict)}`),
  );
}

function marginText(verdict: Verdict): string {
  const percent = `${Math.round(savingMargin * 100)} %`;
  if (verdict === "self-host")
    return `Even its dearest estimate is ${percent} or more below that, which pays for moving.`;
  if (verdict === "api") return "Even its cheapest estimate is no lower, so there is nothing to find out.";
  return `The ranges meet, or the saving is under ${percent}: only a measurement can tell.`;
}

function recommendedOffer(
  verdict: Verdict | null,
  judgement: Judgement | null,
  frontier: TokenOffer | null,
  hosted: TokenOffer | null,
): string | null {
  if (verdict === null || verdict === "pilot") return null;
  if (verdict === "self-host") return "self-hosted";
  return (judgement?.cheapest === "frontier" ? frontier : hosted)?.name ?? null;
}

function differenceOf(
  thumb: Verdict,
  verdict: Decided<Verdict | null>,
  judgement: Judgement | null,
  residency: ResidencyConfig | undefined,
): string | null {
  if (verdict.value === null || verdict.value === thumb || judgement === null) return null;
  if (isBound(residency)) {
    return "The rule of thumb takes any residency constraint for a reason to host. It does not ask whether somebody inside the allowed regions sells what is needed, and here somebody does.";
  }
  const rival = judgement.cheapest === "frontier" ? judgement.frontier : judgement.hosted;
  const price = rival === null ? "" : ` (${usdText(rival.value)} a month here)`;
  return verdict.value === "self-host"
    ? `The rule of thumb looks at volume alone. What is displaced is dear enough${price} that hosting pays at less.`
    : `The rule of thumb looks at volume alone. It does not ask what the tokens cost today${price}, nor that a spare and a team are paid at any volume.`;
}

function boughtCents({ tokensPerMonth }: WorkloadConfig, offer: TokenOffer | null): Range | null {
  return offer === null || offer.status !== "available"
    ? null
    : mapRange(offer.usdPerMillion, (price) => tokenCents(tokensPerMonth, price));
}

function sourcesOf(frontier: TokenOffer | null, hosted: TokenOffer | null, nodePrice: PricedNode | null): UsedPrice[] {
  const offers = [frontier, hosted].flatMap((offer) =>
    offer === null
      ? []
      : [
          {
            path: offer.pricePath,
            text: `${offer.name}: ${perMillionText(offer.usdPerMillion.value)} per million tokens (${offer.source}, as of ${offer.asOf}).`,
            source: offer.source,
            asOf: offer.asOf,
            validUntil: offer.validUntil,
          },
        ],
  );
  return nodePrice === null
    ? offers
    : [
        ...offers,
        {
          path: nodePrice.path,
          text: nodePrice.text,
          source: nodePrice.source,
          asOf: nodePrice.asOf,
          validUntil: null,
        },
      ];
}

/** `$40,179`, or `$38,000 to $44,000` where the range is more than a rounding. */
export function rangeText(range: Range | null): string {
  if (range === null) return "nothing";
  const [low, high] = [usdText(range.low), usdText(range.high)];
  return low === high ? usdText(range.value) : `${usdText(range.value)} (${low} to ${high})`;
}
