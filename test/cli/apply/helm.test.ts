import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Helm, healRelease, newestRevisions } from "../../../cli/apply/helm.ts";

it("takes the newest revision of each release, in whatever order the records come", () => {
  const lines = [
    "demo-inference\tchat-v1\t2\tsuperseded\taaaa",
    "demo-inference\tchat-v1\t10\tdeployed\tcccc",
    "demo-inference\tchat-v1\t9\tsuperseded\tbbbb",
    "demo-freehold\tplatform\t1\tdeployed\tdddd",
    "",
  ].join("\n");
  expect(newestRevisions(lines)).toEqual([
    {
      namespace: "demo-inference",
      name: "chat-v1",
      revision: 10,
      status: "deployed",
      contentHash: "cccc",
      lastGoodRevision: 10,
    },
    {
      namespace: "demo-freehold",
      name: "platform",
      revision: 1,
      status: "deployed",
      contentHash: "dddd",
      lastGoodRevision: 1,
    },
  ]);
});

it("remembers the last revision that ran when the newest is pending", () => {
  const lines = "ns\tchat-v1\t3\tpending-upgrade\tbbbb\nns\tchat-v1\t2\tdeployed\taaaa\nns\tchat-v1\t1\tsuperseded\t";
  expect(newestRevisions(lines)).toEqual([
    expect.objectContaining({ revision: 3, status: "pending-upgrade", lastGoodRevision: 2 }),
  ]);
});

it("knows no good revision of a first install that was interrupted", () => {
  expect(newestRevisions("ns\tchat-v1\t1\tpending-install\t")).toEqual([
    expect.objectContaining({ status: "pending-install", lastGoodRevision: null, contentHash: null }),
  ]);
});

const uninstall = { kind: "uninstall" } as const;

it.each([
  { says: "uninstall: Failed to purge the release: release: not found", remedy: uninstall, heals: true },
  { says: "Error: uninstall: Release not loaded: chat-v1: release: not found", remedy: uninstall, heals: true },
  { says: "Error: release: not found", remedy: { kind: "rollback", revision: 3 } as const, heals: false },
  { says: "Error: timed out waiting for the condition", remedy: uninstall, heals: false },
])("heals a release that Helm ends with $says: $heals", async ({ says, remedy, heals }) => {
  const folder = mkdtempSync(join(tmpdir(), "freehold-helm-"));
  try {
    const path = join(folder, "helm");
    writeFileSync(path, `#!/bin/sh\necho '${says}' >&2\nexit 1\n`);
    chmodSync(path, 0o755);
    const signal = new AbortController().signal;
    const access = { context: "test", kubeconfigPath: null, kubectlPath: "", environment: process.env, signal };
    const tool: Helm = { path, access };
    const release = { name: "chat-v1", namespace: "demo-inference", phase: 3, chartDirectory: folder };
    const wanted = { ...release, valuesPath: null, timeoutSeconds: 60, contentHash: "aaaa", holdsData: false };
    const outcome = healRelease(tool, wanted, remedy).then(
      () => true,
      () => false,
    );
    expect(await outcome).toBe(heals);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
