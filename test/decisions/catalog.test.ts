import { describe, expect, it } from "vitest";
import { acceleratorFacts } from "../../config/schema/accelerator-facts.ts";
import { modelFacts } from "../../config/schema/model-facts.ts";
import { storedWeightBytes } from "../../decisions/capacity/weight-bytes.ts";
import { contradictionsOf } from "../../decisions/catalog/contradictions.ts";
import { catalog, lookUp } from "../../decisions/catalog/index.ts";
import { licences } from "../../decisions/catalog/licences.ts";
import { modelEntries } from "../../decisions/catalog/models/index.ts";
import { weightRecipes } from "../../decisions/catalog/weight-recipes.ts";

const entries = [
  ...Object.entries(catalog.accelerators),
  ...Object.entries(catalog.models),
  ...Object.entries(catalog.engines),
  ...Object.values(catalog.engines).flatMap(({ flagsSince }) => Object.entries(flagsSince)),
  ...Object.entries(catalog.floors),
  ["kubernetes", catalog.kubernetes] as const,
  ...Object.entries(licences),
  ...Object.entries(weightRecipes),
];

describe("catalog", () => {
  it.each(Object.entries(modelEntries))("%s has the form that users write", (_, entry) => {
    expect(modelFacts.parse(entry)).toEqual(entry);
  });

  it.each(Object.entries(catalog.accelerators))("%s has the form that users write", (_, facts) => {
    expect(acceleratorFacts.parse(facts)).toEqual(facts);
  });

  it.each(Object.entries(catalog.models))("%s does not contradict itself", (_, facts) => {
    expect(contradictionsOf(facts)).toEqual([]);
  });

  it("fills in the shape of every variant", () => {
    expect(Object.keys(catalog.models).sort()).toEqual(Object.keys(modelEntries).sort());
  });

  it("takes its own defaults from dated facts", () => {
    for (const name of ["Qwen/Qwen3-32B", "Qwen/Qwen3-8B", "Qwen/Qwen3-Embedding-0.6B"]) {
      expect(lookUp(catalog.models, name)?.asOf).not.toBe("unknown");
    }
  });

  it.each(entries)("%s says where it comes from and as of when", (_, { source, asOf }) => {
    expect(source.length).toBeGreaterThan(10);
    expect(asOf).toMatch(/^(\d{4}-\d{2}-\d{2}|unknown)$/);
  });

  it.each(Object.entries(catalog.models))("%s has a shape that can be", (_, model) => {
    expect(model.attentionHeads % model.keyValueHeads).toBe(0);
    expect(model.layers).toBeGreaterThan(0);
    expect(model.parameters?.active ?? 0).toBeLessThanOrEqual(model.parameters?.total ?? 0);
  });

  it.each(Object.entries(catalog.accelerators))("%s shows the engine no more than the driver reports", (_, gpu) => {
    expect(gpu.engineVisibleGiB ?? 0).toBeLessThanOrEqual(gpu.visibleMiB / 1024);
  });

  it.each([
    { repository: "Qwen/Qwen3-32B", loggedGiB: 61.03 },
    { repository: "Qwen/Qwen3-14B", loggedGiB: 27.52 },
    { repository: "meta-llama/Meta-Llama-3.1-8B", loggedGiB: 14.99 },
  ])("$repository is as large as vLLM has logged it, within 1 %", ({ repository, loggedGiB }) => {
    const facts = lookUp(catalog.models, repository);
    const bytes = facts === null ? 0 : (storedWeightBytes(facts) ?? 0);
    expect(Math.abs(bytes / 2 ** 30 / loggedGiB - 1)).toBeLessThan(0.01);
  });

  it("knows the two models of the default stack", () => {
    expect(lookUp(catalog.models, "Qwen/Qwen3-32B")).not.toBeNull();
    expect(lookUp(catalog.models, "Qwen/Qwen3-Embedding-0.6B")).not.toBeNull();
  });

  it("does not take what every object has for an entry", () => {
    expect(lookUp(catalog.models, "constructor")).toBeNull();
    expect(lookUp(catalog.accelerators, "__proto__")).toBeNull();
  });
});
