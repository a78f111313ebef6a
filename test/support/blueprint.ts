import type { Lock } from "../../config/lock/schema.ts";
import type { Config } from "../../config/schema/index.ts";
import type { Blueprint, ReleaseBlueprint } from "../../decisions/blueprint.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import { type Decision, decide } from "../../decisions/decide.ts";
import { lockFor, stackConfig } from "./config.ts";

/** What is decided for a stack file with the product's own catalog, on a fixed day. */
export function decideFor(config: Config, lock: Lock | null = lockFor(config)): Decision {
  return decide(config, lock, catalog, { asOf: "2026-11-24", lockHash: lock === null ? null : "f".repeat(64) });
}

/** A Blueprint, from a stack file that has one. */
export function blueprintFor(overrides: Partial<Config> = {}, lock?: Lock | null): Blueprint {
  const config = stackConfig(overrides);
  const { blueprint, findings } = decideFor(config, lock === undefined ? lockFor(config) : lock);
  if (blueprint === null)
    throw new Error(`no Blueprint: ${findings.map(({ code, title }) => `${code} ${title}`).join("; ")}`);
  return blueprint;
}

/** One release of a Blueprint. */
export function releaseOf(blueprint: Blueprint, model = "chat", version = "v1"): ReleaseBlueprint {
  const release = blueprint.models[model]?.versions[version];
  if (release === undefined) throw new Error(`the Blueprint has no ${model} ${version}`);
  return release;
}
