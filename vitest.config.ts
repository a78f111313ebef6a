import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import LongestFirst from "./test/support/longest-first.ts";

/** Scripts that the stacks carry are imported as text, as the build does it. */
const pythonAsText = {
  name: "python-as-text",
  load(id: string) {
    return id.endsWith(".py") ? `export default ${JSON.stringify(readFileSync(id, "utf8"))};` : undefined;
  },
};

/** A busy machine is slow, not wrong: only what hangs meets these. */
const patience = { testTimeout: 180_000, hookTimeout: 180_000, expect: { poll: { timeout: 60_000 } } };

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/closing-line.ts"],
    // What is heavy waits for processes about as long as it computes: one more at a time than there are cores.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins: [pythonAsText],
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/cluster/**", "test/judges/**", "test/local-services/**"],
          // Loading the sources anew for each of 180 files costs more than all their tests.
          isolate: false,
          ...patience,
        },
      },
      {
        // The stacks on the maintained fork of cdktf: the same sources, the same goldens.
        plugins: [pythonAsText],
        resolve: { alias: [{ find: /^cdktf(?=$|\/)/, replacement: "cdktn" }] },
        test: {
          name: "fork",
          include: ["test/stacks/**/*.test.ts"],
          exclude: ["test/stacks/values/**", "test/stacks/fetch-weights.test.ts"],
          isolate: false,
          ...patience,
          execArgv: ["--require", "./test/support/cdktf-as-cdktn.cjs"],
          env: { FREEHOLD_SYNTHESIZER: "cdktn" },
        },
      },
      {
        // What others' tools say of the output, where they are installed.
        plugins: [pythonAsText],
        test: { name: "judges", include: ["test/judges/**/*.test.ts"] },
      },
      {
        // Real processes and real clients; each file starts its own services on free ports.
        test: {
          name: "services",
          include: ["services/*/test/**/*.test.ts", "test/local-services/**/*.test.ts"],
          globalSetup: ["services/build.mjs"],
          // The conformance suite of LangGraph's savers finds its hooks there.
          globals: true,
          ...patience,
        },
      },
      {
        plugins: [pythonAsText],
        test: {
          name: "cluster",
          include: ["test/cluster/**/*.test.ts"],
          globalSetup: ["test/support/cluster-setup.ts"],
          // Each file has a control plane of its own, about a gigabyte: three side by side, whatever the cores.
          sequence: { groupOrder: 1 },
          maxWorkers: 3,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
