import type { TeamConfig, WorkloadConfig } from "../../config/schema/index.ts";
import { milliseconds } from "../../config/schema/primitives.ts";
import type { Decided, Reason } from "../blueprint.ts";
import { hoursPerMonth } from "../cost/fleet.ts";
import { type Cents, cents, usdText, volumeText } from "../cost/money.ts";
import { savingMargin } from "../hosting/judge.ts";
import { mapRange, type Range } from "../range.ts";
import { because, decided, policy } from "../reason.ts";
import { blockBootstrap } from "./block-bootstrap.ts";
import { type DayTotals, type PairedDay, pairedDays } from "./days.ts";
import { type LedgerRow, type PilotOption, pilotOptions } from "./ledger.ts";

/** `pilot`: the figures still cannot tell, go on measuring. */
export type PilotVerdict = "api" | "self-host" | "pilot" | "not-enough-days" | "not-enough-load" | "not-enough-scores";

/** What one option came to, by the month of 730 hours. */
export interface OptionOutcome {
  readonly tokensPerMonth: number;
  /** Cost at the volume that both are compared at, engineers included. Cents a month. */
  readonly monthlyCents: Range;
  /** The engineers' part of it. */
  readonly engineerCents: Cents;
  readonly engineerHoursPerMonth: number;
  readonly usdPerMillion: Range;
  /** Errors over requests. Fraction of 1. */
  readonly errorShare: Range;
  /** 0 to 1; null where nothing was scored. */
  readonly quality: Range | null;
  /** Hours within each objective over hours in which it was measured; null where the file names none or nothing was measured. */
  readonly ttftKept: number | null;
  readonly itlKept: number | null;
}

export interface PilotOutcome {
  readonly workload: string;
  /** Whole days on which both were recorded. */
  readonly days: readonly string[];
  /** Volume that both are compared at. Tokens a month. */
  readonly tokensPerMonth: number;
  readonly options: Readonly<Record<PilotOption, OptionOutcome>>;
  /** What self-hosting saves a month; negative when it costs more. Cents. */
  readonly savingCents: Range;
  /** Quality of self-hosting less that of the API; null where either was not scored. */
  readonly qualityGain: Range | null;
  readonly verdict: Decided<PilotVerdict>;
}

/** Four whole weeks: a weekday that occurs three times says little about itself. */
const leastDays = 28;
const daysPerMonth = hoursPerMonth / 24;
/** 40 hours a week, 52 weeks over 12 months. */
const engineerHoursPerMonth = (40 * 52) / 12;
/** A fleet that carried less than this of the volume has not shown that it carries the volume. Fraction of 1. */
const leastLoad = 0.8;
const leastScores = 100;
/** A loss of quality below this is taken for none. */
const qualityTolerance = 0.02;
/** Failures of two in a thousand more are taken for none more. Fraction of 1. */
const errorTolerance = 0.002;
/** Share of the measured hours that has to be within an objective. */
const keptShare = 0.95;

/** What thirty days of both options say about a workload. `rows` are those of the whole ledger. */
export function pilotOutcome(
  rows: readonly LedgerRow[],
  name: string,
  workload: Pick<WorkloadConfig, "objectives"> | null,
  team: TeamConfig,
): PilotOutcome {
  const days = pairedDays(rows, name);
  const volumes = pilotOptions.map((option) => perMonth(days, option, tokensOf));
  const volume = Math.max(0, ...volumes);
  const usdPerHour = team.costPerMonth.usd / engineerHoursPerMonth;
  const costOf = (option: PilotOption) => (some: readonly PairedDay[]) => monthlyUsd(some, option, volume, usdPerHour);
  const options = {
    "self-hosted": optionOutcome(rows, name, days, "self-hosted", costOf("self-hosted"), usdPerHour, volume, workload),
    api: optionOutcome(rows, name, days, "api", costOf("api"), usdPerHour, volume, workload),
  };
  const saving =
    days.length === 0 ? zero : blockBootstrap(days, (some) => costOf("api")(some) - costOf("self-hosted")(some));
  const qualityGain =
    options["self-hosted"].quality === null || options.api.quality === null
      ? null
      : blockBootstrap(days, (some) => qualityOf(some, "self-hosted") - qualityOf(some, "api"));
  const outcome = {
    workload: name,
    days: days.map(({ day }) => day),
    tokensPerMonth: volume,
    options,
    savingCents: mapRange(saving, cents),
    qualityGain,
  };
  return { ...outcome, verdict: verdictOf(outcome, days) };
}

const zero: Range = { low: 0, value: 0, high: 0 };

function tokensOf({ inputTokens, outputTokens }: DayTotals): number {
  return inputTokens + outputTokens;
}

function sum(days: readonly PairedDay[], option: PilotOption, pick: (totals: DayTotals) => number): number {
  return days.reduce((all, { totals }) => all + pick(totals[option]), 0);
}

function perMonth(days: readonly PairedDay[], option: PilotOption, pick: (totals: DayTotals) => number): number {
  return days.length === 0 ? 0 : (sum(days, option, pick) / days.length) * daysPerMonth;
}

/**
 * Cost of a month at `volume` tokens, engineers included. An API's bill grows with its tokens, so it is scaled to the volume;
 * nodes are paid whatever they carry, so theirs is taken as it was.
 */
function monthlyUsd(days: readonly PairedDay[], option: PilotOption, volume: number, usdPerHour: number): number {
  const engineers = perMonth(days, option, ({ engineerHours }) => engineerHours) * usdPerHour;
  if (option === "self-hosted") return perMonth(days, option, ({ costUsd }) => costUsd) + engineers;
  const tokens = sum(days, option, tokensOf);
  return (tokens === 0 ? 0 : (sum(days, option, ({ costUsd }) => costUsd) / tokens) * volume) + engineers;
}

function qualityOf(days: readonly PairedDay[], option: PilotOption): number {
  return sum(days, option, ({ qualitySum }) => qualitySum) / sum(days, option, ({ qualitySamples }) => qualitySamples);
}

function optionOutcome(
  rows: readonly LedgerRow[],
  name: string,
  days: readonly PairedDay[],
  option: PilotOption,
  monthly: (days: readonly PairedDay[]) => number,
  usdPerHour: number,
  volume: number,
  workload: Pick<WorkloadConfig, "objectives"> | null,
): OptionOutcome {
  const { ttft, itl } = workload?.objectives ?? {};
  const own = rows.filter((row) => row.workload === name && row.option === option);
  const usd = days.length === 0 ? zero : blockBootstrap(days, monthly);
  const hours = perMonth(days, option, ({ engineerHours }) => engineerHours);
  const scores = sum(days, option, ({ qualitySamples }) => qualitySamples);
  return {
    tokensPerMonth: perMonth(days, option, tokensOf),
    monthlyCents: mapRange(usd, cents),
    engineerCents: cents(hours * usdPerHour),
    engineerHoursPerMonth: hours,
    usdPerMillion: volume === 0 ? zero : mapRange(usd, (amount) => amount / (volume / 1e6)),
    errorShare: days.length === 0 ? zero : blockBootstrap(days, (some) => errorShare(some, option)),
    quality: scores === 0 ? null : blockBootstrap(days, (some) => qualityOf(some, option)),
    ttftKept: keptOf(own, ttft, (row) => row.ttftP95Milliseconds),
    itlKept: keptOf(own, itl, (row) => row.itlP95Milliseconds),
  };
}

function errorShare(days: readonly PairedDay[], option: PilotOption): number {
  const requests = sum(days, option, (totals) => totals.requests);
  return requests === 0 ? 0 : sum(days, option, ({ errors }) => errors) / requests;
}

function keptOf(
  rows: readonly LedgerRow[],
  objective: string | undefined,
  pick: (row: LedgerRow) => number | null,
): number | null {
  const measured = rows.map(pick).filter((value) => value !== null);
  if (objective === undefined || measured.length === 0) return null;
  const limit = milliseconds(objective);
  return measured.filter((value) => value <= limit).length / measured.length;
}

type Measured = Omit<PilotOutcome, "verdict">;

function verdictOf(outcome: Measured, days: readonly PairedDay[]): Decided<PilotVerdict> {
  const tooLittle = insufficient(outcome, days);
  if (tooLittle !== null) return tooLittle;
  const worse = worseReasons(outcome);
  const { savingCents, options } = outcome;
  const wanted = options.api.monthlyCents.value * savingMargin;
  const money = because(
    "ledger",
    `Self-hosting costs ${usdText(options["self-hosted"].monthlyCents.value)} a month and the API ${usdText(options.api.monthlyCents.value)}: ${savingText(savingCents)}.`,
  );
  const [first, ...more] = worse;
  if (first !== undefined && savingCents.high > 0) return decided("api", first, ...more, money);
  if (savingCents.low >= wanted) {
    return decided(
      "self-host",
      money,
      policy(
        `Even the lower bound saves ${Math.round(savingMargin * 100)} % of the API's cost or more, which pays for moving.`,
      ),
    );
  }
  if (savingCents.high <= 0) return decided("api", money, policy("Even the upper bound saves nothing."));
  return decided("pilot", money, policy(goOnText(savingCents, wanted, days.length)));
}

/** What is missing before anything can be said. */
function insufficient(
  { days: whole, tokensPerMonth, options }: Measured,
  days: readonly PairedDay[],
): Decided<PilotVerdict> | null {
  if (whole.length < leastDays) {
    return decided(
      "not-enough-days",
      because("ledger", `${whole.length} whole days were recorded of both options.`),
      policy(`${leastDays} are needed, four of each weekday. Days with a gap on either side do not count.`),
    );
  }
  const carried = options["self-hosted"].tokensPerMonth;
  if (carried < tokensPerMonth * leastLoad) {
    return decided(
      "not-enough-load",
      because(
        "ledger",
        `Self-hosting carried ${volumeText(carried)} tokens a month, and the API ${volumeText(tokensPerMonth)}.`,
      ),
      policy(
        `Under ${leastLoad * 100} % of the volume nothing shows that the nodes that were paid would carry all of it.`,
      ),
    );
  }
  const scored = pilotOptions.filter(
    (option) => sum(days, option, ({ qualitySamples }) => qualitySamples) < leastScores,
  );
  if (scored.length > 0) {
    return decided(
      "not-enough-scores",
      because("ledger", `Fewer than ${leastScores} answers were scored of ${scored.join(" and ")}.`),
      policy("Without scores the cheaper option may be the worse one, and nobody would know."),
    );
  }
  return null;
}

/** What speaks against self-hosting whatever it saves. */
function worseReasons({ qualityGain, options }: Measured): Reason[] {
  const own = options["self-hosted"];
  const reasons: Reason[] = [];
  if (qualityGain !== null && qualityGain.high < -qualityTolerance) {
    reasons.push(
      because(
        "ledger",
        `Its answers are worse by ${(-qualityGain.value).toFixed(3)}, and by ${(-qualityGain.high).toFixed(3)} at least.`,
      ),
    );
  }
  for (const [key, kept] of [
    ["ttft", own.ttftKept],
    ["itl", own.itlKept],
  ] as const) {
    if (kept !== null && kept < keptShare) {
      reasons.push(
        because("ledger", `It kept the objective ${key} in ${Math.floor(kept * 100)} of 100 measured hours.`),
      );
    }
  }
  if (own.errorShare.low > options.api.errorShare.high + errorTolerance) {
    const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
    reasons.push(
      because(
        "ledger",
        `${percent(own.errorShare.value)} of its requests failed, of the API's ${percent(options.api.errorShare.value)}.`,
      ),
    );
  }
  return reasons;
}

function savingText({ low, value, high }: Range): string {
  const amount = (saved: number) => (saved < 0 ? `${usdText(-saved)} more` : `${usdText(saved)} saved`);
  return `${amount(value)}, between ${amount(low)} and ${amount(high)} in nine of ten resampled pilots`;
}

/** The bounds close in with the root of the days. */
function goOnText({ low, value, high }: Range, wanted: number, days: number): string {
  const half = (high - low) / 2;
  const gap = Math.max(Math.abs(value), Math.abs(value - wanted) / 2, 1);
  const needed = Math.ceil(days * (half / gap) ** 2);
  return needed > days && needed <= 365
    ? `The bounds hold both a saving and a loss, or one too small to move for. About ${needed} days would tell if nothing changes.`
    : "The bounds hold both a saving and a loss, or one too small to move for. More days would hardly tell: the options cost about the same.";
}
