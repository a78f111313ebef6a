/**
 * Money is counted in whole cents: a sum of cents is exact in a double up to 90 million million dollars, while a sum of
 * dollars drifts with its third term.
 */
export type Cents = number;

/** Cents of an amount of dollars, rounded once. */
export function cents(usd: number): Cents {
  return Math.round(usd * 100);
}

/** Dollars of an amount of cents, for arithmetic that ends in text. */
export function dollars(amount: Cents): number {
  return amount / 100;
}

/** `$40,179`, and `$0.87` below a thousand dollars, where cents still matter. */
export function usdText(amount: Cents): string {
  const sign = amount < 0 ? "-" : "";
  const positive = Math.abs(amount);
  if (positive >= 100_000) return `${sign}$${grouped(Math.round(positive / 100))}`;
  return `${sign}$${Math.floor(positive / 100)}.${String(positive % 100).padStart(2, "0")}`;
}

/** `$0.870`: a price per million tokens, where a tenth of a cent matters. */
export function perMillionText(usd: number): string {
  return `$${usd >= 100 ? grouped(Math.round(usd)) : usd >= 10 ? usd.toFixed(2) : usd.toFixed(3)}`;
}

/** `12 billion`, `850 million`: three digits at most, as people say volumes. */
export function volumeText(tokens: number): string {
  const units: readonly [size: number, name: string][] = [
    [1e12, " trillion"],
    [1e9, " billion"],
    [1e6, " million"],
  ];
  const [size, name] = units.find(([one]) => tokens >= one * 0.9995) ?? [1, ""];
  const amount = tokens / size;
  return `${amount >= 100 || size === 1 ? grouped(Math.round(amount)) : trimmed(amount)}${name}`;
}

function trimmed(amount: number): string {
  return amount.toFixed(amount >= 10 ? 1 : 2).replace(/\.?0+$/, "");
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Parts of a total in proportion to their weights, which add up to it to the cent: odd cents go to the largest remainders. */
export function allocate(total: Cents, weights: readonly number[]): Cents[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum <= 0) return weights.map((_, index) => (index === 0 ? total : 0));
  const exact = weights.map((weight) => (total * weight) / sum);
  const parts = exact.map(Math.floor);
  const left = total - parts.reduce((all, part) => all + part, 0);
  const order = exact
    .map((share, index) => ({ index, rest: share - Math.floor(share) }))
    .sort((a, b) => b.rest - a.rest || a.index - b.index);
  for (const { index } of order.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1;
  return parts;
}
