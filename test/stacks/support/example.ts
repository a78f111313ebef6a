import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Finding } from "../../../config/diagnostics/finding.ts";
import { load } from "../../../config/load.ts";
import { parseLock } from "../../../config/lock/parse.ts";
import { lockHash } from "../../../config/lock/write.ts";
import type { Blueprint } from "../../../decisions/blueprint.ts";
import { catalog } from "../../../decisions/catalog/index.ts";
import { decide } from "../../../decisions/decide.ts";
import type { StackHosting } from "../../../decisions/hosting/stack-hosting.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface Example {
  readonly blueprint: Blueprint;
  readonly hosting: StackHosting | null;
  readonly findings: readonly Finding[];
}

/** Folder of an example's golden files. */
export function goldenFolder(name: string): string {
  return `${root}test/golden/${name}`;
}

/** The situations under `examples/`. */
export function exampleNames(): string[] {
  return readdirSync(`${root}examples`).sort();
}

/** An example read and decided, with the lock that the test has for it, if it needs one. */
export function openExample(name: string): Example {
  const loaded = load(readFileSync(`${root}examples/${name}/stack.yaml`));
  if (loaded.config === null) throw new Error(JSON.stringify(loaded.findings));
  const lockPath = `${goldenFolder(name)}/stack.lock.yaml`;
  const lockText = existsSync(lockPath) ? readFileSync(lockPath, "utf8") : null;
  const lock = lockText === null ? null : parseLock(lockText).lock;
  const { blueprint, hosting, findings } = decide(loaded.config, lock, catalog, {
    asOf: "2026-11-24",
    lockHash: lockText === null ? null : lockHash(lockText),
  });
  if (blueprint === null) throw new Error(JSON.stringify(findings));
  return { blueprint, hosting, findings: [...loaded.findings, ...findings] };
}
