import { readFileSync } from "node:fs";
import { transform } from "esbuild";
import { expect, it } from "vitest";
import { Continuation } from "../src/continuation.ts";
import { faultOf } from "./support/continuation-world.ts";

/** 500 in every run; `FREEHOLD_SEEDS=10000` for a long one. */
const seeds = Number(process.env.FREEHOLD_SEEDS ?? 500);

it(`delivers what an engine that never fails would, over ${seeds} seeds of cuts`, () => {
  const faults: string[] = [];
  for (let seed = 0; seed < seeds; seed += 1) {
    const fault = faultOf(seed, Continuation);
    if (fault !== null) faults.push(`seed ${seed}: ${fault}`);
  }
  expect(faults).toEqual([]);
});

/** One wrong line each, as it could be written by mistake. */
const plantedBugs: readonly (readonly [from: string, to: string])[] = [
  ["prompt: [...this.#promptIds, ...this.#settled]", "prompt: [...this.#promptIds]"],
  [
    "prompt: [...this.#promptIds, ...this.#settled]",
    "prompt: [...this.#promptIds, ...this.#settled, ...[...this.#settled].slice(-1)]",
  ],
  ["prompt: [...this.#promptIds, ...this.#settled]", "prompt: [...this.#promptIds, ...this.#settled.slice(0, -1)]"],
  ["this.#promptIds ??= ids", "this.#promptIds = ids"],
  ["- done;\n    if (left <= 0)", ";\n    if (left <= 0)"],
  ["- done;\n    if (left <= 0)", "- done + 1;\n    if (left <= 0)"],
  ["if (left <= 0)", "if (left < 0)"],
  ["if (left <= 0)", "if (left <= 1)"],
  ["fields.min_tokens = minTokens - done", "fields.min_tokens = minTokens"],
  ["if (minTokens > done)", "if (minTokens < 0)"],
  [
    "this.#open = [];\n    const { maxTokens",
    "this.#settled.push(...this.#open);\n    this.#open = [];\n    const { maxTokens",
  ],
  ["this.#open = [];\n    const { maxTokens", "const { maxTokens"],
  ["text.length - 1", "text.length - 2"],
  ["text.length - 1", "0 * text.length"],
  ["this.#held += event.text", "this.#held = event.text"],
  ["this.#settled.length + this.#open.length > this.#request.minTokens", "this.#settled.length >= 0"],
  [
    "this.#settled.length + this.#open.length > this.#request.minTokens",
    "this.#settled.length + this.#open.length >= this.#request.minTokens",
  ],
  ["if (at !== -1 && (first", "if (at > 0 && (first"],
  ["hit.at + hit.text.length : hit.at", "hit.at : hit.at"],
  ['this.#end(this.#held, "length", null)', 'this.#end("", "length", null)'],
  ["(this.#isOver ? this.#open.length : 0)", "0"],
  ["maxModelLen - this.#promptIds.length", "maxModelLen"],
  ["this.#held = this.#held.slice(text.length);", ""],
  [
    "return this.#end(this.#held, event.finish, event.stopReason)",
    'return this.#end(this.#held, "stop", event.stopReason)',
  ],
];

it("finds the bugs that are planted in it", async () => {
  const source = readFileSync(new URL("../src/continuation.ts", import.meta.url), "utf8");
  const missed: string[] = [];
  for (const [from, to] of plantedBugs) {
    expect(source.split(from), from).toHaveLength(2);
    const { code } = await transform(
      source.replace(from, () => to),
      { loader: "ts", format: "esm" },
    );
    const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
    const { Continuation: Broken } = (await import(/* @vite-ignore */ url)) as { Continuation: typeof Continuation };
    let isFound = false;
    for (let seed = 0; seed < 500 && !isFound; seed += 1) {
      try {
        isFound = faultOf(seed, Broken) !== null;
      } catch {
        isFound = true;
      }
    }
    if (!isFound) missed.push(`${from} -> ${to}`);
  }
  expect(missed.length, missed.join("\n")).toBeLessThanOrEqual(Math.floor(plantedBugs.length / 20));
});
