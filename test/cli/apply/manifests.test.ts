// Proves: a cluster that does not answer is not taken for one that lacks objects. kubectl and Helm are scripts here.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { planManifests } from "../../../cli/apply/manifests.ts";
import { Failure } from "../../../config/diagnostics/failure.ts";
import { buildStacks } from "../../../stacks/build.ts";
import { blueprint } from "../../stacks/support/blueprint.ts";
import { sources } from "../../stacks/support/stacks.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "freehold-manifests-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** What a plan says when `kubectl get` on a unit's objects ends like this. */
async function planned(lookUp: string): Promise<readonly string[] | string> {
  const kubectlPath = script("kubectl", `case "$*" in *"get secrets"*) exit 0;; esac\ncat > /dev/null\n${lookUp}`);
  const path = script("helm", "printf 'kind: Deployment\\n'");
  const signal = new AbortController().signal;
  const access = { context: "test", kubeconfigPath: null, kubectlPath, environment: process.env, signal };
  const from = blueprint();
  mkdirSync(join(folder, "out"));
  const folders = { outputDirectory: join(folder, "out"), workshop: join(folder, "workshop") };
  try {
    return (await planManifests({ path, access }, from, buildStacks(from, sources), folders)).summary;
  } catch (error) {
    if (error instanceof Failure) return `${error.finding.code} ${error.finding.why}`;
    throw error;
  }
}

it("ends a plan when the cluster cannot be asked what it has", async () => {
  expect(await planned("echo 'the server is currently unable to handle the request' >&2; exit 1")).toBe(
    "RUN-131 the server is currently unable to handle the request",
  );
});

it("asks about a few units at a time, however many there are", async () => {
  const counted = `mkdir -p '${folder}/asking'; touch '${folder}/asking/'$$; ls '${folder}/asking' | wc -l >> '${folder}/most'`;
  await planned(`${counted}; sleep 0.2; rm '${folder}/asking/'$$`);
  const most = readFileSync(join(folder, "most"), "utf8").trim().split("\n").map(Number);
  expect(most.length).toBeGreaterThan(4);
  expect(Math.max(...most)).toBeLessThanOrEqual(4);
});

it("leaves a kind that the cluster does not know to Helm, which names it", async () => {
  expect(await planned(`echo 'no matches for kind "ServiceMonitor"' >&2; exit 1`)).toContain(
    "+ demo-trial-inference/chat-v1 is installed",
  );
});
