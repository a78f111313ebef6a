// Proves: a claim shares its fate with nothing that may fail, and every unit has a name that Helm takes.
import { expect, it } from "vitest";
import { manifestUnits } from "../../../cli/apply/manifest-units.ts";
import { buildStacks } from "../../../stacks/build.ts";
import { blueprint, model, release } from "../../stacks/support/blueprint.ts";
import { sources } from "../../stacks/support/stacks.ts";

const longVersion = `${"customer-support-assistant".repeat(2)}`.slice(0, 50);
const long = release(longVersion, "v1", { weights: { claim: `${longVersion}-v1-weights` } });
const from = blueprint({
  models: { chat: model("chat", release("chat", "v1")), [longVersion]: model(longVersion, long) },
});
const units = manifestUnits(buildStacks(from, sources), from, "cdktf.out");

function unit(name: string) {
  const found = units.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no unit ${name}.`);
  return found;
}

const kindsOf = (name: string) => {
  const found = unit(name);
  return "objects" in found ? found.objects.map(({ kind }) => kind) : [];
};

it("keeps each claim apart from the Job that fills it, and makes it before", () => {
  expect(kindsOf("weights.chat-v1-weights")).toEqual(["PersistentVolumeClaim"]);
  expect(kindsOf("fetch.chat-v1-weights")).toEqual(["ConfigMap", "Job"]);
  expect(kindsOf("shared")).toEqual(["ServiceAccount", "ConfigMap"]);
  expect(unit("weights.chat-v1-weights").phase).toBeLessThan(unit("fetch.chat-v1-weights").phase);
});

it("says of claims alone that they hold data", () => {
  expect(units.filter(({ holdsData }) => holdsData === true).map(({ name }) => name.split(".")[0])).toEqual([
    "weights",
    "weights",
  ]);
});

it("waits for a Job a minute longer than the Job's own deadline", () => {
  expect(unit("fetch.chat-v1-weights").timeoutSeconds).toBe(3660);
});

it("shortens names that Helm would refuse, each to one of its own", () => {
  const names = units.map(({ name }) => name);
  expect(names.filter((name) => name.length > 53)).toEqual([]);
  expect(new Set(names).size).toBe(units.length);
  expect(units).toHaveLength(11);
});
