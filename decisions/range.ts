/** A figure with the bounds that its uncertainty gives. */
export interface Range {
  readonly low: number;
  readonly value: number;
  readonly high: number;
}

/** A range with each figure changed; `change` must not turn the order around. */
export function mapRange({ low, value, high }: Range, change: (figure: number) => number): Range {
  return { low: change(low), value: change(value), high: change(high) };
}

/** `2.1 (1.8 to 2.5)`. */
export function boundedText({ low, value, high }: Range, show: (figure: number) => string): string {
  return `${show(value)} (${show(low)} to ${show(high)})`;
}
