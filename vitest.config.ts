import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Scripts that the stacks carry are imported as text, as the build does it. */
const pythonAsText = {
  name: "python-as-text",
  load(id: string) {
    return id.endsWith(".py") ? `export default ${JSON.stringify(readFileSync(id, "utf8"))};` : undefined;
  },
};

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [pythonAsText],
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/cluster/**"],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [pythonAsText],
        test: {
          name: "cluster",
          include: ["test/cluster/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
