import type { Sourced } from "../sourced.ts";

/** US dollars per million tokens; with `above`, the price of the whole request once its input is longer than `tokens`. */
export type Amount =
  | number
  | { readonly base: number; readonly above: { readonly tokens: number; readonly usd: number } };

/** What an API charges for one model. US dollars per million tokens. */
export interface ApiPrice extends Sourced {
  readonly input: Amount;
  readonly output: Amount;
  /** Input that the provider has in its cache; null where no such price is listed. */
  readonly cacheRead: Amount | null;
  /** Input that is put into the cache; null where it costs what input costs. */
  readonly cacheWrite: Amount | null;
  /** Longest prompt plus completion. Tokens; null where the source does not state it. */
  readonly contextTokens: number | null;
  /** Hugging Face repository of the open weights that are served; null for closed models and where it is not certain. */
  readonly serves: string | null;
  /** Hours of the day in which every price is multiplied. */
  readonly busyHours: { readonly factor: number; readonly hoursPerDay: number } | null;
  /** First day on which the price no longer holds, where one is announced. */
  readonly validUntil: string | null;
  readonly note: string | null;
}

type Entry = Pick<ApiPrice, "input" | "output"> & Partial<Omit<ApiPrice, "input" | "output" | "source" | "asOf">>;

const published: Sourced = {
  source: "npm @pydantic/genai-prices 0.1.8, published 2026-09-23 (MIT)",
  asOf: "2026-09-23",
};

/** Prices with what their rows leave out filled in, and the source that all of them share. */
export function priceList(
  rows: Readonly<Record<string, Entry>>,
  sourced: Sourced = published,
): Readonly<Record<string, ApiPrice>> {
  const missing = {
    cacheRead: null,
    cacheWrite: null,
    contextTokens: null,
    serves: null,
    busyHours: null,
    validUntil: null,
    note: null,
  };
  return Object.fromEntries(Object.entries(rows).map(([model, row]) => [model, { ...missing, ...row, ...sourced }]));
}
