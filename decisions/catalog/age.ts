/** Prices have moved by half within months; a quarter of a year is what a price list is trusted for. Days. */
export const priceAgeLimitDays = 90;

const dayMilliseconds = 86_400_000;

/** Whole days from one date (`YYYY-MM-DD`) to another; negative when the first lies ahead, NaN when either is no date. */
export function ageInDays(from: string, to: string): number {
  return Math.floor((Date.parse(to) - Date.parse(from)) / dayMilliseconds);
}
