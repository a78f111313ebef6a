// Proves: under seeded schedules of faults nobody writes who does not hold the run, and the schedules would notice.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { onBothDatabases, onEmbedded } from "./support/databases.ts";
import { plantedBugs } from "./support/planted-bugs.ts";
import { playSchedule } from "./support/schedule.ts";

const isTorture = process.env.FREEHOLD_TORTURE === "1";
const firstSeed = Number(process.env.FREEHOLD_SEED ?? 1);
const schedules = isTorture ? 10_000 : Number(process.env.FREEHOLD_SCHEDULES ?? 1000);
/** A bug counts as found when one of so many schedules notices it. */
const schedulesABug = 150;

onBothDatabases("fencing", (given) => {
  test(`no write of a former holder is accepted in ${schedules} seeded schedules`, async () => {
    for (let seed = firstSeed; seed < firstSeed + schedules; seed += 1) {
      await playSchedule(given().database, seed).catch((error: Error) => expect.fail(`seed ${seed}: ${error.message}`));
    }
  }, 1_200_000);
});

describe("the schedules", () => {
  const source = fileURLToPath(new URL("../src", import.meta.url));
  const bundles = fileURLToPath(new URL("../../../.freehold/planted-bugs", import.meta.url));
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));

  /** The schedule on a copy of the service in which one line is wrong. */
  async function broken(index: number): Promise<typeof playSchedule> {
    const [file, from, to] = plantedBugs[index] as (typeof plantedBugs)[number];
    const outfile = join(bundles, `${index}.mjs`);
    let hits = 0;
    await build({
      entryPoints: [fileURLToPath(new URL("support/schedule.ts", import.meta.url))],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      packages: "external",
      logLevel: "error",
      plugins: [
        {
          name: "plant",
          setup(plugin) {
            plugin.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
              const { readFile } = await import("node:fs/promises");
              const text = await readFile(path, "utf8");
              if (path !== join(source, file)) return { contents: text, loader: "ts" };
              hits += text.split(from).length - 1;
              return { contents: text.replaceAll(from, () => to), loader: "ts" };
            });
          },
        },
      ],
    });
    expect(hits, `${file}: ${from}`).toBeGreaterThan(0);
    return ((await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as { playSchedule: typeof playSchedule })
      .playSchedule;
  }

  onEmbedded("with planted bugs", (given) => {
    test(`notice ${plantedBugs.length} planted bugs, but for one in twenty`, async () => {
      const missed: string[] = [];
      for (const [index, [file, from, to]] of plantedBugs.entries()) {
        const play = await broken(index);
        let isFound = false;
        for (let seed = 1; seed <= schedulesABug && !isFound; seed += 1) {
          isFound = await play(given().database, seed).then(
            () => false,
            () => true,
          );
        }
        if (!isFound) missed.push(`${file}: ${from} -> ${to}`);
      }
      expect(missed.length, missed.join("\n")).toBeLessThanOrEqual(Math.floor(plantedBugs.length / 20));
    }, 600_000);
  });
});
