import { mkdtempSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { down } from "../../local-cluster/local-cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A private folder for everything the cluster tests start. Emptied, and its clusters ended, after the last test. */
    clusterFolder: string;
  }
}

/** The folder of the cluster that all test files share. */
export function sharedClusterDirectory(clusterFolder: string): string {
  return path.join(clusterFolder, "shared");
}

/** Gives the cluster tests a folder, and ends what they left running in it. The cluster itself starts on first use. */
export default function setup(project: TestProject): () => Promise<void> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "freehold-test-")));
  project.provide("clusterFolder", folder);
  return async () => {
    await down({ directory: sharedClusterDirectory(folder), signal: AbortSignal.timeout(60_000) });
    await rm(folder, { recursive: true, force: true });
  };
}
