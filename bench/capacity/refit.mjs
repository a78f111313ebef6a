#!/usr/bin/env node
// Bundles refit.ts and runs it: prints the predictor's errors; --write rewrites decisions/capacity/coefficients.ts.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const workshop = mkdtempSync(join(tmpdir(), "freehold-refit-"));
const bundle = join(workshop, "refit.mjs");
try {
  await build({
    entryPoints: [join(here, "refit.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: bundle,
  });
  const target = process.argv.includes("--write")
    ? ["--write", join(here, "..", "..", "decisions", "capacity", "coefficients.ts")]
    : [];
  process.exitCode = spawnSync(process.execPath, [bundle, ...target], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(workshop, { recursive: true, force: true });
}
