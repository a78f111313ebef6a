import { describe, expect, it } from "vitest";
import { capacityPresets } from "../../decisions/catalog/capacity-presets.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import { listedKinds, listing } from "../../decisions/catalog/listing.ts";
import { catalogReference } from "../../decisions/catalog/reference.ts";
import { regions } from "../../decisions/catalog/regions.ts";

describe("what the catalog covers", () => {
  it("knows every GPU of the capacity presets", () => {
    const missing = Object.values(capacityPresets).filter(
      ({ accelerator }) => !Object.hasOwn(catalog.accelerators, accelerator),
    );
    expect(missing).toEqual([]);
  });

  it("knows embedding models, a recipe of every model, and regions in Europe", () => {
    expect(Object.keys(catalog.models).filter((name) => /embed/i.test(name)).length).toBeGreaterThan(0);
    for (const { weights } of Object.values(catalog.models)) expect(weights.recipe).not.toBe("");
    const countries = new Set(Object.values(regions).map(({ country }) => country));
    expect(countries).toContain("de");
    expect(countries).toContain("ie");
  });
});

describe("the pages of the catalog", () => {
  const pages = catalogReference();

  it.each(listedKinds)("has a row for each of the %s, and a source for each row", (kind) => {
    const { rows } = listing(kind, catalog);
    const text = pages[`docs/reference/catalog/${kind}.md`] ?? "";
    const [facts = "", sources = ""] = text.split("\n## Sources\n");
    const lines = facts.split("\n").filter((line) => line.startsWith("| "));
    expect(lines.length).toBe(rows.length + 1);
    const listed = sources.split("\n").filter((line) => /^\d+\. ./.test(line)).length;
    expect(listed).toBe(new Set(rows.map((row) => row.at(-1))).size);
    for (const line of lines.slice(1)) {
      const number = Number(/ (\d+) \|$/.exec(line)?.[1]);
      expect(number).toBeGreaterThan(0);
      expect(number).toBeLessThanOrEqual(listed);
    }
  });
});
