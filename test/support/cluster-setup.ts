import { mkdtempSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A private folder for what the cluster tests start. */
    clusterFolder: string;
  }
}

/** Gives the cluster tests a folder, and removes it after the last of them. Each file ends what it started. */
export default function setup(project: TestProject): () => Promise<void> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "freehold-test-")));
  project.provide("clusterFolder", folder);
  return async () => {
    await rm(folder, { recursive: true, force: true });
  };
}
