import type { Amount } from "../catalog/prices/price-list.ts";
import { mapRange, type Range } from "../range.ts";

/** What an average month of requests looks like, as far as a price by the token depends on it. */
export interface TrafficShape {
  readonly inputTokens: { readonly mean: number; readonly p95: number };
  readonly outputTokens: { readonly mean: number; readonly p95: number };
  /** Share of the input that the provider reads from its cache. */
  readonly cacheReadShare: number;
  /** Share of the tokens that take the batch discount. */
  readonly batchShare: number;
}

/** A price list entry with the terms of its provider and endpoint. */
export interface TokenPrice {
  readonly input: Amount;
  readonly output: Amount;
  readonly cacheRead: Amount | null;
  readonly batch: { readonly discount: number; readonly stacksWithCache: boolean } | null;
  readonly busyHours: { readonly factor: number; readonly hoursPerDay: number } | null;
  readonly factor: { readonly low: number; readonly high: number };
}

/** The price of a million tokens in a mix of input and output, and what of the shape it could not take into account. */
export interface BlendedPrice {
  /** US dollars per million tokens. */
  readonly usdPerMillion: Range;
  readonly notes: readonly string[];
}

/** Requests longer than the 95th percentile, of all. */
const tailShare = 0.05;

/**
 * The price per million tokens of input and output together.
 *
 * Formula: p = (i × (c × read + (1 - c) × input) + o × output) / (i + o), with i and o the mean lengths in tokens and c
 * the cached share of the input; batch takes its share off; busy hours count by their part of the day, because when
 * requests come is not known. What is written into a cache is taken to be rare beside what is read from it.
 * Source: arithmetic of our own on the price list.
 */
export function blendedPrice(price: TokenPrice, shape: TrafficShape): BlendedPrice {
  const notes: string[] = [];
  const input = shape.inputTokens.mean;
  const output = shape.outputTokens.mean;
  const cached = price.cacheRead === null ? 0 : shape.cacheReadShare;
  if (price.cacheRead === null && shape.cacheReadShare > 0)
    notes.push("No price for cached input is listed, so none is counted.");
  const mix = (cachedShare: number) =>
    (input *
      (cachedShare * amount(price.cacheRead ?? price.input, shape) + (1 - cachedShare) * amount(price.input, shape)) +
      output * amount(price.output, shape)) /
    (input + output);
  const base = withBatch(price, shape, mix(cached), mix(0), notes);
  const { busyHours } = price;
  const byHour = busyHours === null ? 1 : 1 + ((busyHours.factor - 1) * busyHours.hoursPerDay) / 24;
  if (busyHours !== null) {
    notes.push(
      `In ${busyHours.hoursPerDay} hours of the day it costs ${busyHours.factor} times as much; requests are taken to come evenly.`,
    );
  }
  if (isTiered(price.input) && shape.inputTokens.p95 > price.input.above.tokens) {
    notes.push(`Requests with more than ${price.input.above.tokens} tokens of input cost more, and some of these do.`);
  }
  const { low, high } = price.factor;
  return { usdPerMillion: mapRange({ low, value: (low + high) / 2, high }, (factor) => base * byHour * factor), notes };
}

function withBatch(
  { batch }: TokenPrice,
  { batchShare }: TrafficShape,
  withCache: number,
  withoutCache: number,
  notes: string[],
): number {
  if (batchShare === 0) return withCache;
  if (batch === null) {
    notes.push("No batch discount is known, so none is counted.");
    return withCache;
  }
  const discounted = (batch.stacksWithCache ? withCache : withoutCache) * (1 - batch.discount);
  return (1 - batchShare) * withCache + batchShare * discounted;
}

/**
 * The average of a price with a threshold on the input. The share above it is not known from a mean and a percentile:
 * when the mean exceeds it all requests do, when p95 stays within it none do, and in between one in twenty, at p95's length.
 */
function amount(price: Amount, { inputTokens }: TrafficShape): number {
  if (!isTiered(price)) return price;
  const { tokens, usd } = price.above;
  if (inputTokens.mean > tokens) return usd;
  if (inputTokens.p95 <= tokens) return price.base;
  const share = Math.min(1, (tailShare * inputTokens.p95) / inputTokens.mean);
  return (1 - share) * price.base + share * usd;
}

function isTiered(price: Amount): price is Exclude<Amount, number> {
  return typeof price !== "number";
}
