// Proves: workloads that share nodes and a team pay for them by the GPUs they hold, and nothing is lost on the way.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { catalog } from "../../../decisions/catalog/index.ts";
import { decideStackHosting } from "../../../decisions/hosting/stack-hosting.ts";
import { modelConfig, poolConfig, stackConfig } from "../../support/config.ts";
import { capacityOf, workloadConfig } from "../../support/hosting.ts";

const price = {
  usd: 23.6,
  per: "node-hour",
  asOf: "2026-11-01",
  source: "our quote",
  commitment: "on-demand",
} as const;
const capacity = capacityOf({ gpusPerNode: 8 });

function stack(volumes: Readonly<Record<string, number>>, team?: { engineers: number; costPerMonth: { usd: number } }) {
  return stackConfig({
    nodePools: { h100: poolConfig({ price }) },
    models: { chat: modelConfig({ maxModelLen: 32_768 }) },
    workloads: Object.fromEntries(
      Object.entries(volumes).map(([name, tokensPerMonth]) => [name, workloadConfig({ tokensPerMonth })]),
    ),
    ...(team === undefined ? {} : { team }),
  });
}

const team = { engineers: 1.5, costPerMonth: { usd: 18_000 } };
const decide = (volumes: Readonly<Record<string, number>>) =>
  decideStackHosting(
    stack(volumes, team),
    catalog,
    Object.fromEntries(Object.keys(volumes).map((name) => [name, capacity])),
  );

describe("a stack with several workloads", () => {
  it("shares nodes: two small fleets stand on one", () => {
    const { pools, workloads } = decide({ search: 5e9, support: 10e9 });
    expect(pools).toMatchObject([{ pool: "h100", workloads: ["search", "support"], gpus: 5, nodes: 1 }]);
    const alone = decide({ support: 10e9 }).workloads[0]?.selfHosted?.bill.value.totalCents ?? 0;
    expect(workloads[1]?.selfHosted?.bill.value.totalCents).toBeLessThan(alone);
  });

  it("splits nodes and team by the GPUs held", () => {
    const { workloads } = decide({ search: 5e9, support: 10e9 });
    const [search, support] = workloads.map(
      ({ selfHosted }) => selfHosted?.bill.value.lines.map(({ cents }) => cents) ?? [],
    );
    expect(search).toEqual([Math.round((1_722_800 * 2) / 5), Math.round((2_700_000 * 2) / 5)]);
    expect(support).toEqual([Math.round((1_722_800 * 3) / 5), Math.round((2_700_000 * 3) / 5)]);
  });

  it("adds up to the cent over all workloads", () => {
    const volumes = fc.dictionary(
      fc.constantFrom("a", "b", "c", "d", "e"),
      fc.double({ min: 1e8, max: 1e12, noNaN: true }),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(volumes, (chosen) => {
        const { workloads, pools } = decide(chosen);
        const billed = workloads.reduce((sum, { selfHosted }) => sum + (selfHosted?.bill.value.totalCents ?? 0), 0);
        const paid = pools.reduce((sum, { monthlyCents }) => sum + monthlyCents.value, 0) + 2_700_000;
        expect(billed).toBe(paid);
      }),
      { numRuns: 50 },
    );
  });

  it("compares everything hosted with everything bought", () => {
    const { total, workloads } = decide({ search: 50e9, support: 100e9 });
    expect(total?.verdict).toBe("self-host");
    expect(total?.bought.value).toBe(
      workloads.reduce(
        (sum, { frontierCents, hostedCents }) =>
          sum + Math.min(frontierCents?.value ?? 1 / 0, hostedCents?.value ?? 1 / 0),
        0,
      ),
    );
  });

  it("compares nothing as a whole while one workload has no size", () => {
    const config = stack({ search: 5e9, support: 10e9 }, team);
    const { total, workloads } = decideStackHosting(config, catalog, { support: capacity, search: null });
    expect(total).toBeNull();
    expect(workloads.map(({ verdict }) => verdict.value === null)).toEqual([true, false]);
  });

  it("assumes one engineer where the file names no team, and says so", () => {
    const { team: assumed } = decideStackHosting(stack({ support: 10e9 }), catalog, { support: capacity });
    expect(assumed.value).toEqual({ engineers: 1, usdPerMonthEach: 25_000 });
    expect(assumed.because[0]?.text).toContain("The file names no team");
  });

  it("is empty without workloads, and passes over one whose model is not there", () => {
    expect(decideStackHosting(stackConfig(), catalog, {}).workloads).toEqual([]);
    const config = stackConfig({ workloads: { support: workloadConfig({ model: "constructor" }) } });
    expect(decideStackHosting(config, catalog, {}).workloads).toEqual([]);
  });
});
