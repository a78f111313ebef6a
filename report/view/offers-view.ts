import { dollars, perMillionText, usdText, volumeText } from "../../decisions/cost/money.ts";
import { countText } from "../../decisions/figures.ts";
import type { HostingDecision } from "../../decisions/hosting/hosting.ts";
import type { TokenOffer } from "../../decisions/hosting/offers.ts";
import { cheapestRival, noHostText, percent } from "../../decisions/hosting/text.ts";
import { mapRange, type Range } from "../../decisions/range.ts";

export type OfferRowKind = "own" | "frontier" | "hosted";

/** One of the three offers that are always compared. */
export interface OfferRow {
  readonly kind: OfferRowKind;
  readonly title: string;
  /** Who sells it, or which weights are hosted; null where there is none. */
  readonly name: string | null;
  /** Texts as a table shows them; null where it cannot be had. */
  readonly monthly: string | null;
  /** `$132,345 to $166,801`; null where the range is no more than a rounding. */
  readonly monthlyRange: string | null;
  readonly perMillion: string | null;
  /** For the bars. US dollars a month; null where it cannot be had. */
  readonly usdPerMonth: Range | null;
  readonly note: string;
  readonly isCheapest: boolean;
}

/** A line of the own bill. */
export interface BillLine {
  readonly label: string;
  readonly usd: number;
  /** `$11,485.33`: cents are never left out, so that a reader can add up. */
  readonly text: string;
}

export interface BillView {
  readonly lines: readonly BillLine[];
  readonly totalText: string;
  readonly fleetText: string;
}

export function offerRows(decision: HostingDecision): OfferRow[] {
  const { frontier, hosted, frontierCents, hostedCents, selfHosted, repository, isBound } = decision;
  const rival = cheapestRival(decision);
  const ownValue = selfHosted?.monthlyCents.value ?? Number.POSITIVE_INFINITY;
  const rivalValue = rival?.cost.value ?? Number.POSITIVE_INFINITY;
  const bought = (kind: "frontier" | "hosted", title: string, offer: TokenOffer | null, missing: string): OfferRow => {
    const cents = kind === "frontier" ? frontierCents : hostedCents;
    const isUsable = offer !== null && offer.status === "available" && cents !== null;
    return {
      kind,
      title,
      name: offer?.name ?? null,
      monthly: isUsable ? usdText(cents.value) : null,
      monthlyRange: isUsable ? spread(cents) : null,
      perMillion: offer === null ? null : perMillionText(offer.usdPerMillion.value),
      usdPerMonth: isUsable ? mapRange(cents, dollars) : null,
      note:
        offer === null
          ? missing
          : isUsable
            ? [...(isBound ? [offer.reason] : []), ...offer.notes].join(" ")
            : `May not be used. ${offer.reason}`,
      isCheapest: isUsable && offer === rival?.offer && rivalValue <= ownValue,
    };
  };
  return [
    bought("frontier", "Frontier API", frontier, "The file names no alternative."),
    bought("hosted", "The same open model, hosted by somebody", hosted, noHostText(decision)),
    {
      kind: "own",
      title: "Hosted yourselves",
      name: repository,
      monthly: selfHosted === null ? null : usdText(selfHosted.monthlyCents.value),
      monthlyRange: selfHosted === null ? null : spread(selfHosted.monthlyCents),
      perMillion: selfHosted === null ? null : perMillionText(selfHosted.usdPerMillion.value),
      usdPerMonth: selfHosted === null ? null : mapRange(selfHosted.monthlyCents, dollars),
      note: selfHosted === null ? "Not computed." : "Nodes, spare and team included.",
      isCheapest: rival !== null && ownValue < rivalValue,
    },
  ];
}

function spread({ low, high }: Range): string | null {
  const [least, most] = [usdText(low), usdText(high)];
  return least === most ? null : `${least} to ${most}`;
}

/** The own bill, and the fleet that it pays; null where the cost could not be computed. */
export function billView({ selfHosted, tokensPerMonth }: HostingDecision): BillView | null {
  if (selfHosted === null) return null;
  const { fleet, bill, utilization, usdPerMillion } = selfHosted;
  const { working, spare, gpus, nodes, replicas } = fleet.value;
  return {
    lines: bill.value.lines.map(({ label, cents }) => ({ label, usd: dollars(cents), text: exactUsd(cents) })),
    totalText: exactUsd(bill.value.totalCents),
    fleetText: `${working} working and ${spare} spare replicas of ${countText(gpus / replicas, "GPU")} each: ${countText(gpus, "GPU")} on ${countText(nodes, "node")}, busy ${percent(utilization.value)} of the hours that are paid. Over ${volumeText(tokensPerMonth)} tokens that is ${perMillionText(usdPerMillion.value)} per million.`,
  };
}

/** `$11,485.33`. */
export function exactUsd(cents: number): string {
  const whole = String(Math.floor(Math.abs(cents) / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${cents < 0 ? "-" : ""}$${whole}.${String(Math.abs(cents) % 100).padStart(2, "0")}`;
}
