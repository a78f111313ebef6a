// What guards say of a real synthesis in which one thing was changed: nothing in this checkout writes such a thing.
import type { Finding } from "../../../config/diagnostics/finding.ts";
import type { Blueprint } from "../../../decisions/blueprint.ts";
import { buildStacks, type SynthesizedStack } from "../../../stacks/build.ts";
import { checkStacks } from "../../../stacks/guards/index.ts";
import { blueprint } from "./blueprint.ts";
import { sources } from "./stacks.ts";

export type Change = (body: never) => void;

export function check(stacks: readonly SynthesizedStack[], from: Blueprint = blueprint()): readonly Finding[] {
  return checkStacks(stacks, { name: from.name, target: from.cluster.target, egress: from.residency.egress.value });
}

export function codes(findings: readonly Finding[]): string[] {
  return findings.map(({ code }) => code);
}

/** What the guards say after `change` has been made to the only resource of a type, in the stack of `from`. */
export function afterChanging(type: string, change: Change, from: Blueprint = blueprint()): readonly Finding[] {
  const stacks = structuredClone(buildStacks(from, sources));
  // The release of the platform is another chart's; the guards on releases are about those that serve models.
  const found = stacks
    .flatMap(({ json }) => Object.values(json.resource[type] ?? {}))
    .filter((body) => !body["//"].metadata.path.startsWith("platform/admission-policies/"));
  if (found.length !== 1) throw new Error(`${found.length} resources of ${type}, one is expected.`);
  for (const body of found) change(body as never);
  return check(stacks, from);
}

/** What the guards say after a resource has been added to the inference stack. */
export function afterAdding(type: string, body: Readonly<Record<string, unknown>>): readonly Finding[] {
  const stacks = structuredClone(buildStacks(blueprint(), sources));
  const [, inference] = stacks;
  if (inference === undefined) throw new Error("Two stacks are expected.");
  const added = { "//": { metadata: { path: "inference/added", uniqueId: "added" } }, ...body };
  const resource = { ...inference.json.resource, [type]: { ...inference.json.resource[type], added } };
  return check([{ ...inference, json: { ...inference.json, resource } as SynthesizedStack["json"] }]);
}

/** Values of the release, changed. */
export function values(change: Change): Change {
  return (body: { values: [string] }) => {
    const changed = JSON.parse(body.values[0]);
    change(changed as never);
    body.values = [JSON.stringify(changed)];
  };
}

export interface Job {
  spec: { template: { spec: { container: [Container] } } };
}
export interface Container {
  image: string;
  env: object[];
  security_context: { run_as_non_root?: boolean };
  resources: { limits: Record<string, string>; requests: Record<string, string> };
}
export const container = (change: (container: Container) => void): Change => {
  return ({ spec }: Job) => change(spec.template.spec.container[0]);
};

export const existing = blueprint({
  state: { backend: "pg" },
  cluster: { ...blueprint().cluster, target: "existing" },
});
