import { type Cents, dollars } from "../../decisions/cost/money.ts";
import type { HostingDecision } from "../../decisions/hosting/hosting.ts";
import type { Verdict } from "../../decisions/hosting/rule-of-thumb.ts";
import type { TornadoBar } from "../../decisions/hosting/sensitivity.ts";
import { cheapestRival } from "../../decisions/hosting/text.ts";

/** What hosting saves a month when an input stands at one of its plausible bounds. */
export interface SensitivityEnd {
  readonly text: string;
  readonly savingUsd: number;
  /** Another verdict than the one that is given; null where it stays. */
  readonly turnsTo: Verdict | null;
}

export interface SensitivityRow {
  readonly input: string;
  readonly path: string;
  /** Both bounds in one phrase: `3 billion to 12 billion tokens a month`. */
  readonly span: string;
  readonly low: SensitivityEnd;
  readonly high: SensitivityEnd;
}

export interface SensitivityView {
  /** What hosting saves a month as the file stands; negative where it costs more. */
  readonly savingUsd: number;
  readonly against: string;
  /** The widest first. */
  readonly rows: readonly SensitivityRow[];
  /** Inputs that move nothing between their bounds. */
  readonly idle: readonly string[];
}

/** How much each input moves the saving; null where there is nothing to compare. */
export function sensitivityView(decision: HostingDecision): SensitivityView | null {
  const { tornado, selfHosted, verdict } = decision;
  const rival = cheapestRival(decision);
  if (tornado.length === 0 || selfHosted === null || rival === null) return null;
  const savingCents = rival.cost.value - selfHosted.monthlyCents.value;
  const moves = ({ low, high }: TornadoBar) => [low, high].some((end) => end.savingCents !== savingCents);
  return {
    savingUsd: dollars(savingCents),
    against: rival.offer.name,
    rows: tornado.filter(moves).map(({ input, path, low, high }) => ({
      input,
      path,
      span: spanText(low.text, high.text),
      low: endOf(low, savingCents, verdict.value),
      high: endOf(high, savingCents, verdict.value),
    })),
    idle: tornado.filter((bar) => !moves(bar)).map(({ input }) => input),
  };
}

function endOf({ text, savingCents, verdict }: TornadoBar["low"], now: Cents, given: Verdict | null): SensitivityEnd {
  return { text, savingUsd: dollars(savingCents ?? now), turnsTo: verdict === given ? null : verdict };
}

/** Two phrases as one, the words at their ends that they share said once. */
export function spanText(low: string, high: string): string {
  const [first, second] = [low.split(" "), high.split(" ")];
  let shared = 0;
  while (
    shared < Math.min(first.length, second.length) - 1 &&
    first[first.length - 1 - shared] === second[second.length - 1 - shared]
  ) {
    shared++;
  }
  return `${first.slice(0, first.length - shared).join(" ")} to ${high}`;
}
