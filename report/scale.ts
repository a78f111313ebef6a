/** Ends and steps of axes that read as round figures, and how figures stand beside them. */

const roundSteps = [1, 2, 2.5, 5, 10] as const;
const wantedSteps = 5;

/** The round figure at or above `most` that an axis from zero ends at, and the distance of its ticks. */
export function niceTop(most: number): { readonly top: number; readonly step: number } {
  if (!(most > 0)) return { top: 1, step: 0.25 };
  const step = niceStep(most / wantedSteps);
  return { top: Math.ceil(most / step - 1e-9) * step, step };
}

/** Round ends around a span that may lie on both sides of zero, zero included. */
export function niceSpan(
  least: number,
  most: number,
): { readonly bottom: number; readonly top: number; readonly step: number } {
  const low = Math.min(0, least);
  const high = Math.max(0, most);
  if (low === high) return { bottom: 0, top: 1, step: 0.25 };
  const step = niceStep((high - low) / wantedSteps);
  return { bottom: Math.floor(low / step + 1e-9) * step, top: Math.ceil(high / step - 1e-9) * step, step };
}

/** Powers of ten around a span of positive figures, with room beside both ends. */
export function decadesAround(least: number, most: number): [from: number, to: number] {
  return [10 ** Math.floor(Math.log10(least / 1.6)), 10 ** Math.ceil(Math.log10(most * 1.6))];
}

function niceStep(exact: number): number {
  const power = 10 ** Math.floor(Math.log10(exact));
  return (roundSteps.find((step) => step * power >= exact * (1 - 1e-9)) ?? 10) * power;
}

/** `$0`, `$850`, `$40k`, `$1.2M`: dollars beside an axis. */
export function axisUsd(usd: number): string {
  const sign = usd < 0 ? "-" : "";
  return `${sign}$${scaled(Math.abs(usd), ["", "k", "M", "B", "T"])}`;
}

/** `0`, `500M`, `6B`: tokens beside an axis. */
export function axisTokens(tokens: number): string {
  return scaled(tokens, ["", "k", "M", "B", "T", "Q"]);
}

/** `250`, `1.5k`: plain figures beside an axis. */
export function axisNumber(value: number): string {
  return scaled(value, ["", "k", "M"]);
}

function scaled(value: number, units: readonly string[]): string {
  let [amount, unit] = [value, 0];
  while (amount >= 999.5 && unit < units.length - 1) [amount, unit] = [amount / 1000, unit + 1];
  return `${Number(amount.toPrecision(3))}${units[unit] ?? ""}`;
}
