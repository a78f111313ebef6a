import { describe, expect, it } from "vitest";
import { decideHosting } from "../../../decisions/hosting/hosting.ts";
import { capacityOf, hostingRequest, nodePrice, workloadConfig } from "../../support/hosting.ts";

const at = (tokensPerMonth: number, model = "claude-sonnet-5") =>
  hostingRequest({ workload: workloadConfig({ tokensPerMonth, alternative: { provider: "anthropic", model } }) });

describe("the verdict", () => {
  it.each([
    ["a tenth of a billion tokens", at(1e8), "api", "api", "Anthropic claude-sonnet-5"],
    ["ten billion against Sonnet", at(10e9), "api", "pilot", "Anthropic claude-sonnet-5"],
    ["ten billion against Opus", at(10e9, "claude-opus-5-5"), "self-host", "pilot", "self-hosted"],
    ["twelve billion against Sonnet, which is near the crossing", at(12.5e9), "pilot", "self-host", null],
    ["a hundred billion against Sonnet", at(100e9), "self-host", "self-host", "self-hosted"],
  ])("for %s", (_, request, computed, thumb, recommended) => {
    const decision = decideHosting(request);
    expect([decision.verdict.value, decision.ruleOfThumb.value, decision.recommended]).toEqual([
      computed,
      thumb,
      recommended,
    ]);
    expect(decision.difference === null).toBe(computed === thumb);
    expect(decision.verdict.because.length).toBeGreaterThan(0);
  });

  it("is an API when the same model is sold by somebody for less, however large the volume", () => {
    const decision = decideHosting({ ...at(100e9), repository: "openai/gpt-oss-120b" });
    expect(decision.verdict.value).toBe("api");
    expect(decision.recommended).toBe("OVHcloud gpt-oss-120b");
    expect(decision.difference).toContain("volume alone");
  });

  it("is self-hosting where residency leaves nothing else, whatever it costs", () => {
    const request = { ...at(1e6), residency: { mode: "air-gapped" } } as const;
    const decision = decideHosting(request);
    expect(decision.verdict).toEqual({
      value: "self-host",
      because: [
        { path: "residency", text: "No offer that is known may process these requests, so only self-hosting is left." },
      ],
    });
    expect(decision.frontier?.status).toBe("forbidden");
    expect(decision.frontierCents).toBeNull();
    expect(decideHosting({ ...request, capacity: null }).verdict.value).toBe("self-host");
  });

  it("is an API under a residency when a host inside it is cheaper, which the rule of thumb does not ask", () => {
    const decision = decideHosting({
      ...at(10e9),
      repository: "openai/gpt-oss-120b",
      residency: { mode: "region-bound", regions: ["eu"] },
    });
    expect([decision.verdict.value, decision.ruleOfThumb.value]).toEqual(["api", "self-host"]);
    expect(decision.recommended).toBe("OVHcloud gpt-oss-120b");
    expect(decision.difference).toContain("inside the allowed regions");
  });

  it.each([
    ["its size", { capacity: null }, "models.chat"],
    ["its nodes' price", { nodePrice: null }, "models.chat.nodePool"],
    [
      "anything to compare with",
      { workload: workloadConfig({ alternative: undefined }) },
      "workloads.support.alternative",
    ],
  ])("is not computed without %s, and says so", (_, overrides, path) => {
    const decision = decideHosting(hostingRequest(overrides));
    expect(decision.verdict.value).toBeNull();
    expect(decision.verdict.because.map((reason) => reason.path)).toContain(path);
    expect(decision.flips).toEqual([]);
  });

  it("escalates nothing to an API that residency forbids", () => {
    const request = hostingRequest({
      workload: workloadConfig({ escalationShare: 0.2 }),
      residency: { mode: "region-bound", regions: ["eu"] },
    });
    expect(decideHosting(request).escalationShare).toBe(0);
    expect(decideHosting(request).selfHosted?.bill.value.lines).toHaveLength(2);
  });
});

describe("self-hosting as an offer", () => {
  const decision = decideHosting(at(100e9));
  const own = decision.selfHosted;

  it("takes the fleet of the reference: eleven cards and a spare", () => {
    expect(own?.fleet.value).toMatchObject({ working: 11, spare: 1, gpus: 12 });
  });

  it("adds up to the cent", () => {
    const lines = own?.bill.value.lines ?? [];
    expect(lines.map(({ cents }) => cents)).toEqual([3_066_000, 2_500_000]);
    expect(own?.bill.value.totalCents).toBe(5_566_000);
  });

  it("tells the cost at the utilization it really has, and what would be needed", () => {
    expect(own?.usdPerMillion.value).toBeCloseTo(0.5566, 6);
    expect(own?.utilization.value).toBeCloseTo(100e9 / (12 * 10_820 * 2_628_000), 6);
    const [against] = own?.standings ?? [];
    expect(against?.utilizationNeeded.value).toBeLessThan(own?.utilization.value ?? 0);
    expect(against?.floorTokens.value).toBeCloseTo((55_660 / (26 / 9)) * 1e6, -3);
  });

  it("breaks even later the more is escalated", () => {
    const share = (escalationShare: number) =>
      decideHosting(hostingRequest({ workload: workloadConfig({ escalationShare }) })).selfHosted?.standings[0]
        ?.breakEven.value?.firstTokens ?? 0;
    expect(share(0.3)).toBeGreaterThan(share(0));
  });

  it("has a ground for each figure", () => {
    const figures = [
      own?.fleet,
      own?.bill,
      own?.usdPerMillion,
      own?.utilization,
      decision.verdict,
      decision.ruleOfThumb,
    ];
    expect(figures.every((figure) => (figure?.because.length ?? 0) > 0)).toBe(true);
  });
});

describe("sensitivity", () => {
  const decision = decideHosting(at(10e9));

  it("says which input, changed by how much, turns the verdict", () => {
    const flip = decision.flips.find(({ input }) => input === "volume");
    expect(flip?.verdict).toBe("pilot");
    expect(flip?.changePercent).toBeGreaterThan(0);
    // The first volume at which the cheapest estimate is lower than the offer.
    expect(decideHosting(at((flip?.to ?? 0) * 1.0001)).verdict.value).toBe("pilot");
    expect(decideHosting(at((flip?.to ?? 0) * 0.999)).verdict.value).toBe("api");
  });

  it("puts the nearest first", () => {
    const distances = decision.flips.map(({ changePercent }) => Math.abs(changePercent ?? 100));
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
  });

  it("covers every input of the decision, with a bar for each", () => {
    expect(new Set(decision.tornado.map(({ input }) => input))).toEqual(
      new Set([
        "volume",
        "node price",
        "engineers",
        "peak to mean",
        "displaced price",
        "throughput",
        "escalation share",
        "cache share",
      ]),
    );
  });

  it("shows the widest bar first", () => {
    const widths = decision.tornado.map(({ low, high }) => Math.abs((high.savingCents ?? 0) - (low.savingCents ?? 0)));
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
  });

  it("finds that a cached API is harder to beat", () => {
    const bar = decision.tornado.find(({ input }) => input === "cache share");
    expect(bar?.high.savingCents).toBeLessThan(bar?.low.savingCents ?? 0);
  });

  it("takes less than half a second of the processor for ten workloads", () => {
    const before = process.cpuUsage();
    for (let index = 0; index < 10; index++) decideHosting({ ...at(10e9 + index), repository: "openai/gpt-oss-120b" });
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(0.5);
  });
});

it("does not depend on how nodes are billed when a replica fills one", () => {
  const capacity = capacityOf({ gpusPerReplica: 8, gpusPerNode: 8 });
  const byNode = decideHosting(hostingRequest({ capacity, nodePrice: nodePrice({ usd: 28, per: "node-hour" }) }));
  const byGpu = decideHosting(hostingRequest({ capacity, nodePrice: nodePrice({ usd: 3.5, per: "gpu-hour" }) }));
  expect(byNode.selfHosted?.bill.value.totalCents).toBe(byGpu.selfHosted?.bill.value.totalCents);
});
