// Proves: how many requests a cache holds, by the two formulas of reference/capacity-economics.md section 1.2.
import { expect, it } from "vitest";
import { concurrency } from "../../../decisions/capacity/concurrency.ts";
import { cacheCapacity } from "../../../decisions/capacity/key-value-cache.ts";
import { gib, layoutOf, setupOf } from "../../support/capacity.ts";

const setup = setupOf({ model: "meta-llama/Llama-3.1-8B-Instruct", maxModelLen: 131_072 });
const capacity = cacheCapacity(setup, layoutOf(setup), 56.21 * gib);

it("the worst case is what vLLM prints: 3.51 requests of 131,072 tokens in 56.21 GiB", () => {
  expect(concurrency(capacity, { inputTokens: 1, outputTokens: 1 }, 256).worstCase).toBeCloseTo(3.51, 2);
});

it("the usable figure counts an answer half, and never more than the engine runs", () => {
  const shape = { inputTokens: 4000, outputTokens: 1000 };
  expect(concurrency(capacity, shape, 1024).usable).toBe(Math.floor(capacity.usableTokens / 4500));
  expect(concurrency(capacity, shape, 16).usable).toBe(16);
});

it("a shared prefix is held once", () => {
  const shape = { inputTokens: 4000, outputTokens: 1000, sharedPrefixTokens: 3000 };
  expect(concurrency(capacity, shape, 1024).usable).toBe(Math.floor((capacity.usableTokens - 3000) / 1500));
  const all = { inputTokens: 100, outputTokens: 0, sharedPrefixTokens: 500 };
  expect(concurrency(capacity, all, 64).usable).toBe(64);
});
