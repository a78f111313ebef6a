import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect } from "vitest";
import { goldenFolder } from "./example.ts";

/** Only `npm run golden:update` sets it: a plain test run never writes what it is meant to be held against. */
const updates = process.env.FREEHOLD_UPDATE_GOLDENS === "1";

/** Holds a text against its golden file, or writes the file when goldens are being updated. */
export function expectGolden(example: string, file: string, text: string): void {
  const path = `${goldenFolder(example)}/${file}`;
  if (updates) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  if (!existsSync(path)) throw new Error(`test/golden/${example}/${file} is missing: run \`npm run golden:update\`.`);
  expect(text, `test/golden/${example}/${file}; npm run golden:update rewrites it`).toBe(readFileSync(path, "utf8"));
}
