import type { CacheCapacity } from "./key-value-cache.ts";

/** How long requests are, on average. */
export interface RequestShape {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Leading tokens that all requests share, held once. Left out: none. */
  readonly sharedPrefixTokens?: number;
}

/** How many requests a replica's cache holds at once. */
export interface Concurrency {
  /** All of them as long as `maxModelLen`: the figure that vLLM prints. */
  readonly worstCase: number;
  /** Of the mean length, never more than the engine runs at once. */
  readonly usable: number;
}

/**
 * Requests that a replica's cache holds at once. Worst case: tokens / maxModelLen. Usable:
 * (tokens - shared prefix) / (input - shared prefix + output / 2), because an answer is half written on average; at most
 * `maxNumSeqs`, and whole.
 * Source: reference/capacity-economics.md section 1.2, 2026-11-23.
 */
export function concurrency(capacity: CacheCapacity, shape: RequestShape, maxNumSeqs: number): Concurrency {
  const shared = Math.min(shape.sharedPrefixTokens ?? 0, shape.inputTokens);
  const liveTokens = Math.max(1, shape.inputTokens - shared + shape.outputTokens / 2);
  const free = Math.max(0, capacity.usableTokens - shared);
  return {
    worstCase: capacity.longestRequests,
    usable: Math.min(maxNumSeqs, Math.floor(free / liveTokens)),
  };
}
