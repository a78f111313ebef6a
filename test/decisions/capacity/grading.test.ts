// What a judge's work adds: to the load that its replicas are sized for, and to the cost of the workload whose answers it grades.
import { describe, expect, it } from "vitest";
import type { Config } from "../../../config/schema/index.ts";
import { demandOf } from "../../../decisions/capacity/demand.ts";
import { gradingsOf } from "../../../decisions/capacity/grading.ts";
import { demandsByModel } from "../../../decisions/decide.ts";
import { decideFor } from "../../support/blueprint.ts";
import { modelConfig, poolConfig, stackConfig } from "../../support/config.ts";
import { workloadConfig } from "../../support/hosting.ts";

const budget = { usdPerDay: 100, shareOfRequests: 0.5 };
const checks = { schema: true, toolCalls: true, citations: false, deadline: "30s", objective: "20s" };

function stack(graded: boolean, changes: Partial<Config> = {}): Config {
  const { replicas: _, ...sized } = modelConfig();
  const support = workloadConfig({
    tokensPerMonth: 12e9,
    inputTokens: { mean: 3500, p95: 12_000 },
    outputTokens: { mean: 400, p95: 4000 },
  });
  return stackConfig({
    nodePools: {
      h100: poolConfig({
        price: { usd: 64, per: "node-hour", asOf: "2026-11-01", source: "our quote", commitment: "on-demand" },
      }),
    },
    models: { chat: sized as Config["models"][string], judge: modelConfig({ replicas: 2 }) },
    workloads: { support },
    gateway: {
      keys: { secret: "gateway-keys", key: "keys.json" },
      tenants: { support: { mayEscalate: true } },
    },
    routing: {
      escalation: {
        chat: {
          to: "judge",
          rules: [],
          verify: { ...checks, ...(graded ? { judge: { model: "judge", scoreAtLeast: 0.7 } } : {}) },
          budget,
          unavailable: "local",
        },
      },
    },
    ...changes,
  });
}

describe("grades", () => {
  it("are as many as requests, of what a judge reads of each", () => {
    const [grading, ...others] = gradingsOf(stack(true));
    expect(others).toEqual([]);
    const own = demandOf("support", stack(true).workloads?.support as NonNullable<Config["workloads"]>[string]);
    // 3,000 tokens of a question of 3,500 are read, all 400 of the answer, and 110 of the instruction.
    expect(grading?.demand).toMatchObject({
      requestsPerSecond: own.requestsPerSecond,
      inputTokens: 3510,
      outputTokens: 8,
      longInputTokens: 6110,
    });
    expect(grading?.tokensPerMonth).toBeCloseTo((12e9 / 3900) * 3518, 0);
  });

  it("are asked of the judge, and of nobody where no answer is graded", () => {
    const asked = (graded: boolean) =>
      [...demandsByModel(stack(graded))].map(([model, demands]) => [model, demands.map(({ workload }) => workload)]);
    expect(asked(true)).toEqual([
      ["chat", ["support"]],
      ["judge", ["grades of support"]],
    ]);
    expect(asked(false)).toEqual([["chat", ["support"]]]);
  });

  it("give a judge its number of replicas", () => {
    const { replicas: _, ...unsized } = modelConfig();
    const models = { chat: modelConfig(), judge: unsized as Config["models"][string] };
    const codes = (graded: boolean) => decideFor(stack(graded, { models })).findings.map(({ code }) => code);
    expect(codes(false)).toContain("CAP-131");
    expect(codes(true)).not.toContain("CAP-131");
  });

  it("cost the workload that they are given for", () => {
    const bill = (graded: boolean) => {
      const [decision] = decideFor(stack(graded)).hosting?.workloads ?? [];
      return decision?.selfHosted?.bill.value;
    };
    const [plain, graded] = [bill(false), bill(true)];
    const line = graded?.lines.find(({ label }) => label === "Judge of its answers");
    expect(line?.cents).toBeGreaterThan(0);
    expect(graded?.totalCents).toBe((plain?.totalCents ?? 0) + (line?.cents ?? 0));
    // Whole GPUs of the pool: an eighth of a node's price each, for 730 hours.
    expect((line?.cents ?? 0) % (8 * 730 * 100)).toBe(0);
  });
});
