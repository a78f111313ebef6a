// Proves: which offers a residency leaves. Where a provider processes is the catalog's word, each with its source.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ResidencyConfig } from "../../../config/schema/index.ts";
import { catalog } from "../../../decisions/catalog/index.ts";
import { frontierOffer, hostedOffers } from "../../../decisions/hosting/offers.ts";
import { isSameModel } from "../../../decisions/hosting/same-model.ts";
import { workloadConfig } from "../../support/hosting.ts";

const gptOss = "openai/gpt-oss-120b";
const bound = (...regions: string[]): ResidencyConfig => ({ mode: "region-bound", regions });

/** Names of everything that may be bought. */
function available(residency: ResidencyConfig | undefined, repository = gptOss): string[] {
  const workload = workloadConfig();
  const offers = [
    frontierOffer("support", workload, catalog, residency),
    ...hostedOffers(repository, workload, catalog, residency),
  ];
  return offers.flatMap((offer) => (offer?.status === "available" ? [offer.name] : []));
}

describe("offers under a residency", () => {
  it("are many without one, the cheapest first", () => {
    const offers = hostedOffers(gptOss, workloadConfig(), catalog, undefined).filter(
      ({ status }) => status === "available",
    );
    const prices = offers.map(({ usdPerMillion }) => usdPerMillion.value);
    expect(offers.length).toBeGreaterThan(5);
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
  });

  it.each([
    ["the European Union", bound("eu"), ["OVHcloud gpt-oss-120b"]],
    ["France", bound("fr"), ["OVHcloud gpt-oss-120b"]],
    ["Frankfurt", bound("eu-central-1"), []],
    ["a sovereign stack", { mode: "sovereign", regions: ["eu"] } as ResidencyConfig, []],
    ["an air-gapped stack", { mode: "air-gapped" } as ResidencyConfig, []],
    ["no region at all", { mode: "region-bound" } as ResidencyConfig, []],
  ])("in %s", (_, residency, names) => expect(available(residency)).toEqual(names));

  it("count no aggregator, which sends requests anywhere", () => {
    expect(hostedOffers(gptOss, workloadConfig(), catalog, undefined).map(({ provider }) => provider)).not.toContain(
      "openrouter",
    );
  });

  it("count no host whose price bears no date, and show it with the reason", () => {
    const scaleway = hostedOffers(gptOss, workloadConfig(), catalog, bound("eu")).find(
      ({ provider }) => provider === "scaleway",
    );
    expect(scaleway?.status).toBe("undated");
    expect(scaleway?.reason).toContain("bears no date");
  });

  it("count no host whose context is too short", () => {
    const workload = workloadConfig({
      inputTokens: { mean: 8000, p95: 130_000 },
      outputTokens: { mean: 1000, p95: 4000 },
    });
    const offers = hostedOffers(gptOss, workload, catalog, undefined);
    expect(offers.filter(({ status }) => status === "available").map(({ name }) => name)).toEqual([]);
    expect(offers.every(({ status, contextTokens }) => status === "too-short" || contextTokens === null)).toBe(true);
  });

  it("leave an endpoint uncertain while nobody says which models it serves", () => {
    const workload = workloadConfig({ alternative: { provider: "openai", model: "gpt-6-sol" } });
    expect(frontierOffer("support", workload, catalog, bound("eu"))?.status).toBe("uncertain");
  });

  it("take the user's contract for it, at the endpoint's premium", () => {
    const alternative = { provider: "openai", model: "gpt-6-sol", regions: ["eu"] };
    const global = frontierOffer(
      "support",
      workloadConfig({ alternative: { ...alternative, regions: undefined } }),
      catalog,
      undefined,
    );
    const offer = frontierOffer("support", workloadConfig({ alternative }), catalog, bound("eu"));
    expect(offer?.status).toBe("available");
    expect(offer?.usdPerMillion.high).toBeCloseTo((global?.usdPerMillion.value ?? 0) * 1.1, 10);
  });

  it("forbid a contract that lies outside", () => {
    const alternative = { provider: "openai", model: "gpt-6-sol", regions: ["us"] };
    expect(frontierOffer("support", workloadConfig({ alternative }), catalog, bound("eu"))?.status).toBe("forbidden");
  });

  it("never grow when the residency is stricter", () => {
    const places = fc.subarray(["eu", "eea", "fr", "de", "us", "gra", "eu-central-1", "ch"], { minLength: 1 });
    const repositories = fc.constantFrom(gptOss, "Qwen/Qwen3-32B", "meta-llama/Llama-3.3-70B-Instruct", "acme/own");
    fc.assert(
      fc.property(places, places, repositories, (wide, more, repository) => {
        const strict = wide.filter((place) => more.includes(place));
        const ladder = [
          available(undefined, repository),
          available(bound(...wide), repository),
          available(bound(...strict), repository),
          available({ mode: "sovereign", regions: strict }, repository),
          available({ mode: "air-gapped" }, repository),
        ];
        for (const [index, offers] of ladder.entries()) {
          const wider = ladder[index - 1];
          if (wider !== undefined) expect(wider).toEqual(expect.arrayContaining(offers));
        }
      }),
    );
  });
});

describe("the same model", () => {
  it.each([
    ["RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", "meta-llama/Llama-3.3-70B-Instruct", true],
    ["Qwen/Qwen3-32B-AWQ", "Qwen/Qwen3-32B", true],
    ["openai/gpt-oss-120b", "openai/gpt-oss-120b", true],
    ["acme/gpt-oss-120b", "openai/gpt-oss-120b", false],
    ["meta-llama/Llama-3.3-70B", "meta-llama/Llama-3.3-70B-Instruct", false],
    ["Qwen/Qwen3-235B-A22B-Instruct-2507", "Qwen/Qwen3-235B-A22B", false],
    ["google/gemma-3-27b", "google/gemma-3-27b-it", false],
  ])("%s as %s: %s", (repository, served, same) => expect(isSameModel(repository, served)).toBe(same));
});
