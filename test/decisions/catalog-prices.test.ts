// Proves: every price, instance and place of the catalog says where it comes from, and fits what refers to it. It does
// not prove that a price still holds: the age of a used price is a finding of its own.
import { describe, expect, it } from "vitest";
import { capacityPresets } from "../../decisions/catalog/capacity-presets.ts";
import { commitments } from "../../decisions/catalog/commitments.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import type { Amount } from "../../decisions/catalog/prices/price-list.ts";
import { areas, isKnownPlace, liesInside, regions } from "../../decisions/catalog/regions.ts";

const { providers, instances, accelerators } = catalog;
const prices = Object.entries(providers).flatMap(([provider, { prices: own }]) =>
  Object.entries(own).map(([model, price]) => ({ name: `${provider} ${model}`, price })),
);
const endpoints = Object.values(providers).flatMap((provider) => [...provider.endpoints]);

/** GPUs that clouds rent and that the accelerator catalog does not hold: nothing can be sized on them. */
const unsized = ["nvidia-rtx-pro-4500"];

function amounts(amount: Amount | null): number[] {
  if (amount === null) return [];
  return typeof amount === "number" ? [amount] : [amount.base, amount.above.usd];
}

describe("the catalog of prices", () => {
  it("holds every row of the lists it was made from", () => {
    expect(instances).toHaveLength(100);
    expect(prices.length).toBeGreaterThanOrEqual(240);
  });

  it("says of each entry where it comes from and as of when", () => {
    const sourced = [
      ...prices.map(({ price }) => price),
      ...instances,
      ...endpoints,
      ...Object.values(providers),
      ...Object.values(providers).flatMap(({ batch }) => (batch === null ? [] : [batch])),
      ...Object.values(regions),
      ...commitments,
      ...Object.values(capacityPresets),
    ];
    for (const { source, asOf } of sourced) {
      expect(source.length).toBeGreaterThan(10);
      expect(asOf).toMatch(/^(\d{4}-\d{2}-\d{2}|unknown)$/);
    }
  });

  it("has prices above zero, and dearer ones above a threshold", () => {
    for (const { name, price } of prices) {
      const all = [price.input, price.output, price.cacheRead, price.cacheWrite].flatMap(amounts);
      expect(Math.min(...all), name).toBeGreaterThan(0);
      if (typeof price.input !== "number") expect(price.input.above.usd, name).toBeGreaterThan(price.input.base);
    }
  });

  it("never charges more for what is cached than for what is not", () => {
    for (const { name, price } of prices) {
      expect(amounts(price.cacheRead)[0] ?? 0, name).toBeLessThanOrEqual(amounts(price.input)[0] ?? 0);
    }
  });

  it("names GPUs as the accelerator catalog does", () => {
    const strange = instances.map(({ accelerator }) => accelerator).filter((key) => !(key in accelerators));
    expect([...new Set(strange)]).toEqual(unsized);
  });

  it("names only places that it knows", () => {
    const places = [
      ...endpoints.flatMap((endpoint) => endpoint.places ?? []),
      ...instances.flatMap(({ region }) => region ?? []),
    ];
    expect(places.filter((place) => place !== "us" && !isKnownPlace(place))).toEqual([]);
  });

  it("gives discounts as ranges", () => {
    for (const { discount } of commitments) {
      expect(discount.low).toBeGreaterThanOrEqual(0);
      expect(discount.high).toBeGreaterThan(discount.low);
      expect(discount.high).toBeLessThan(1);
    }
  });

  it("repeats the feed in its presets", () => {
    const of = (name: string) =>
      instances.find(({ instance, region }) => instance === name && region?.startsWith("us") !== false)?.usdPerHour;
    expect(capacityPresets["aws-on-demand"]?.usd).toBe(
      instances.find(({ instance }) => instance === "p5.48xlarge")?.usdPerHour,
    );
    expect(capacityPresets["azure-on-demand"]?.usd).toBe(
      instances.find(({ instance, region }) => instance === "Standard_ND96isr_H100_v5" && region === "eastus")
        ?.usdPerHour,
    );
    expect(capacityPresets.lambda?.usd).toBe(of("8xH100 SXM"));
    expect(capacityPresets.nebius?.usd).toBe((of("1xH100") ?? 0) * 8);
    expect(capacityPresets["nebius-h200-gpu"]?.usd).toBe(of("1xH200"));
  });
});

describe("a place", () => {
  it.each([
    ["eu-central-1", ["eu-central-1"], true],
    ["eu-central-1", ["de"], true],
    ["eu-central-1", ["eu"], true],
    ["eu-central-1", ["eu-west-1"], false],
    ["eu-central-1", [], false],
    ["eu-central-2", ["eu"], false],
    ["eu-west-2", ["eea"], false],
    ["norwayeast", ["eea"], true],
    ["norwayeast", ["eu"], false],
    ["gra", ["fr"], true],
    ["gra", ["eu-central-1"], false],
    ["de", ["eu"], true],
    ["eu", ["eu"], true],
    ["eu", ["eea"], true],
    ["eea", ["eu"], false],
    ["eu", ["de", "fr"], false],
    ["us", ["eu"], false],
    ["atlantis", ["eu"], false],
    ["constructor", ["eu"], false],
  ])("%s lies inside %j: %s", (place, allowed, inside) => {
    expect(liesInside(place, allowed)).toBe(inside);
  });

  it("of an area is a country of two letters", () => {
    expect(
      Object.values(areas)
        .flat()
        .every((country) => /^[a-z]{2}$/.test(country)),
    ).toBe(true);
  });
});
