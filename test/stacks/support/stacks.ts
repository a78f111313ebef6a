import type { Blueprint } from "../../../decisions/blueprint.ts";
import { buildStacks, type StackSources, type TerraformJson, type TerraformResource } from "../../../stacks/build.ts";
import { blueprint } from "./blueprint.ts";

export const sources: StackSources = {
  cdktfVersion: "0.0.0",
  admissionPolicies: {
    path: "assets/admission-policies/0123456789abcdef0123456789abcdef",
    version: "0.1.0",
    bytes: 1000,
  },
  egressProxy: { path: "assets/egress-proxy/0123456789abcdef0123456789abcdef", version: "0.1.0", bytes: 1000 },
  gateway: { path: "assets/gateway/0123456789abcdef0123456789abcdef", version: "0.1.0", bytes: 1000 },
  orchestrator: { path: "assets/orchestrator/0123456789abcdef0123456789abcdef", version: "0.1.0", bytes: 1000 },
  modelServer: { path: "assets/model-server/0123456789abcdef0123456789abcdef", version: "0.1.0", bytes: 1000 },
  wayIn: { path: "assets/way-in/0123456789abcdef0123456789abcdef", version: "0.1.0", bytes: 1000 },
};

/** The two stacks of a Blueprint, as plain data that a test may change. */
export function stacksOf(from: Blueprint = blueprint()): {
  readonly platform: TerraformJson;
  readonly inference: TerraformJson;
} {
  const [platform, inference] = buildStacks(from, sources).map(({ json }) => structuredClone(json));
  if (platform === undefined || inference === undefined) throw new Error("Two stacks are expected.");
  return { platform, inference };
}

/** The resources of one type, by their construct path. */
export function resourcesOf(json: TerraformJson, type: string): Readonly<Record<string, TerraformResource>> {
  return Object.fromEntries(
    Object.values(json.resource[type] ?? {}).map((resource) => [resource["//"].metadata.path, resource]),
  );
}

/** The only resource of a type. */
export function onlyResource<T = TerraformResource>(json: TerraformJson, type: string): T {
  const [resource, ...others] = Object.values(json.resource[type] ?? {});
  if (resource === undefined || others.length > 0) throw new Error(`One ${type} is expected.`);
  return resource as T;
}
