import type { Cents } from "../cost/money.ts";
import { judge, type Situation } from "./judge.ts";
import type { Verdict } from "./rule-of-thumb.ts";

/** One input of the verdict, how far it may be off, and the situation that follows when it is another. */
export interface SensitivityInput {
  readonly name: string;
  /** Key of the file or entry of the catalog that sets it. */
  readonly path: string;
  readonly current: number;
  /** Bounds that are plausible without any change of plan. */
  readonly low: number;
  readonly high: number;
  /** Furthest values that are looked at for a change of the verdict. */
  readonly least: number;
  readonly most: number;
  /** A value as people write it. */
  text(value: number): string;
  situation(value: number): Situation;
}

/** How much an input between its plausible bounds moves what self-hosting saves a month. */
export interface TornadoBar {
  readonly input: string;
  readonly path: string;
  readonly low: { readonly text: string; readonly savingCents: Cents | null; readonly verdict: Verdict | null };
  readonly high: { readonly text: string; readonly savingCents: Cents | null; readonly verdict: Verdict | null };
}

/** The nearest value of an input, on one side, that turns the verdict. */
export interface Flip {
  readonly input: string;
  readonly path: string;
  readonly fromText: string;
  readonly toText: string;
  readonly to: number;
  /** Change in percent of the current value; null where that is zero. */
  readonly changePercent: number | null;
  readonly verdict: Verdict;
}

const gridPoints = 60;
const bisections = 30;

/** Bars of every input, the widest first. */
export function tornado(inputs: readonly SensitivityInput[]): TornadoBar[] {
  const width = ({ low, high }: TornadoBar) => Math.abs((high.savingCents ?? 0) - (low.savingCents ?? 0));
  return inputs
    .map(({ name, path, low, high, text, situation }): TornadoBar => {
      const end = (value: number) => {
        const { savingCents, verdict } = judge(situation(value));
        return { text: text(value), savingCents, verdict };
      };
      return { input: name, path, low: end(low), high: end(high) };
    })
    .sort((a, b) => width(b) - width(a) || (a.input < b.input ? -1 : 1));
}

/** What would have to change, and by how much, for another verdict: nearest first. */
export function flips(inputs: readonly SensitivityInput[], verdict: Verdict): Flip[] {
  const distance = ({ changePercent }: Flip) => Math.abs(changePercent ?? 100);
  return inputs
    .flatMap((input) => [flipTowards(input, input.least, verdict), flipTowards(input, input.most, verdict)])
    .filter((flip) => flip !== null)
    .sort((a, b) => distance(a) - distance(b));
}

/** The first change of the verdict on the way to `end`: cost is a staircase, so the way is walked before it is halved. */
function flipTowards(input: SensitivityInput, end: number, verdict: Verdict): Flip | null {
  const { current, situation } = input;
  if (end === current) return null;
  const verdictAt = (value: number) => judge(situation(value)).verdict;
  let near = current;
  for (let step = 1; step <= gridPoints; step++) {
    const far = between(current, end, step / gridPoints);
    const found = verdictAt(far);
    if (found === null) return null;
    if (found !== verdict) return flipAt(input, halve(near, far, verdict, verdictAt), verdictAt);
    near = far;
  }
  return null;
}

function halve(near: number, far: number, verdict: Verdict, verdictAt: (value: number) => Verdict | null): number {
  let [same, other] = [near, far];
  for (let round = 0; round < bisections; round++) {
    const middle = (same + other) / 2;
    if (verdictAt(middle) === verdict) same = middle;
    else other = middle;
  }
  return other;
}

function flipAt(input: SensitivityInput, to: number, verdictAt: (value: number) => Verdict | null): Flip | null {
  const verdict = verdictAt(to);
  if (verdict === null) return null;
  const { name, path, current, text } = input;
  const changePercent = current === 0 ? null : ((to - current) / current) * 100;
  return { input: name, path, fromText: text(current), toText: text(to), to, changePercent, verdict };
}

/** A point on the way from one value to another, in equal ratios where both are above zero. */
function between(from: number, to: number, share: number): number {
  return from > 0 && to > 0 ? from * (to / from) ** share : from + (to - from) * share;
}
