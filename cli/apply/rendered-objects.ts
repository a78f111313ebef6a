import { parseAllDocuments } from "yaml";
import type { Finding } from "../../config/diagnostics/finding.ts";
import { type Blueprint, waysInOf } from "../../decisions/blueprint.ts";
import { checkObjects } from "../../stacks/guards/objects/index.ts";
import type { WrittenUnit } from "./manifest-units.ts";

/** What the guards have against objects as they will be applied, those that charts render included. */
export function checkRendered(units: readonly WrittenUnit[], blueprint: Blueprint): readonly Finding[] {
  const { cluster, residency } = blueprint;
  const objects = units.flatMap(({ manifests }) =>
    parseAllDocuments(manifests).map((document): unknown => document.toJS()),
  );
  return checkObjects(objects, { target: cluster.target, residency, waysIn: waysInOf(blueprint) });
}
