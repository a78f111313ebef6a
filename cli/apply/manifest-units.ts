import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Blueprint } from "../../decisions/blueprint.ts";
import type { SynthesizedStack } from "../../stacks/build.ts";
import { type HelmRelease, type KubernetesObject, toManifests } from "../../stacks/manifests.ts";
import { renderChart } from "./helm.ts";
import type { DesiredRelease } from "./release-plan.ts";

/** What is applied as one: a chart release, or objects that belong together. */
export type ManifestUnit = {
  readonly name: string;
  readonly namespace: string;
  readonly stack: string;
  readonly phase: number;
  readonly timeoutSeconds: number;
} & (
  | { readonly objects: readonly KubernetesObject[] }
  | { readonly release: HelmRelease; readonly chartDirectory: string }
);

const phases = { platform: 0, shared: 1, weights: 2, release: 3, service: 4 } as const;
/** Plain objects are there at once; what takes long is a Job, whose own deadline is in its spec. */
const objectsTimeoutSeconds = 300;

/** Helm's records of plain objects live beside the stack, not in it: the stack's own namespaces are among the objects. */
export function recordsNamespace(blueprint: Pick<Blueprint, "name" | "environment">): string {
  return `${stackId(blueprint)}-freehold`;
}

/** What sets this stack's releases apart from those of others in the cluster. */
export function stackId({ name, environment }: Pick<Blueprint, "name" | "environment">): string {
  return `${name}-${environment}`;
}

/**
 * The units of synthesized stacks, each in the phase that its dependencies allow: the platform, what all models share, each
 * model's weights, each version's release, and the Service that callers use once what it points at is ready.
 */
export function manifestUnits(
  stacks: readonly SynthesizedStack[],
  blueprint: Blueprint,
  outputDirectory: string,
): readonly ManifestUnit[] {
  const namespace = recordsNamespace(blueprint);
  return stacks.flatMap(({ name: stack, json }): readonly ManifestUnit[] => {
    const { objects, releases } = toManifests(json);
    if (stack === "platform") {
      return [
        { name: stack, namespace, stack, phase: phases.platform, timeoutSeconds: objectsTimeoutSeconds, objects },
      ];
    }
    const claims = objects.filter(({ kind }) => kind === "PersistentVolumeClaim").map(({ metadata }) => metadata.name);
    const groups = new Map<string, KubernetesObject[]>();
    for (const object of objects) {
      const group = groupOf(object, claims);
      groups.set(group, [...(groups.get(group) ?? []), object]);
    }
    return [
      ...[...groups].map(
        ([name, members]): ManifestUnit => ({
          name,
          namespace,
          stack,
          phase: phases[name.split(".")[0] as "shared" | "service" | "weights"],
          timeoutSeconds: Math.max(objectsTimeoutSeconds, ...members.map(jobDeadlineSeconds)),
          objects: members,
        }),
      ),
      ...releases.map(
        (release): ManifestUnit => ({
          name: release.name,
          namespace: release.namespace,
          stack,
          phase: phases.release,
          timeoutSeconds: release.timeoutSeconds,
          release,
          chartDirectory: join(outputDirectory, "stacks", stack, release.chartPath),
        }),
      ),
    ];
  });
}

/**
 * Weights go by their claim, which changes with the revision: the old one stays until the version that reads it is
 * gone, so that a roll-out that fails can go back.
 */
function groupOf({ kind, metadata }: KubernetesObject, claims: readonly string[]): string {
  const claim = claims.find((name) => metadata.name.startsWith(name));
  if (claim !== undefined) return `weights.${claim}`;
  return kind === "Service" ? `service.${metadata.name}` : "shared";
}

function jobDeadlineSeconds(object: KubernetesObject): number {
  const spec = object.spec as { readonly activeDeadlineSeconds?: number } | undefined;
  return object.kind === "Job" ? (spec?.activeDeadlineSeconds ?? 0) : 0;
}

/** Objects as one yaml stream, the same text for the same objects. */
function manifestText(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0 })).join("---\n");
}

/** A unit written to a folder as something Helm can apply, with what it renders to. */
export interface WrittenUnit {
  readonly unit: ManifestUnit;
  readonly desired: DesiredRelease;
  readonly manifests: string;
}

/** Writes charts and values below `directory` and renders each, so that equal content can be told without a cluster. */
export async function writeUnits(
  units: readonly ManifestUnit[],
  directory: string,
  helmPath: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly WrittenUnit[]> {
  return Promise.all(
    units.map(async (unit): Promise<WrittenUnit> => {
      const { name, namespace, phase, timeoutSeconds } = unit;
      const folder = join(directory, `${namespace}.${name}`);
      mkdirSync(folder, { recursive: true });
      const plain = "objects" in unit;
      const chartDirectory = plain ? folder : unit.chartDirectory;
      const valuesPath = plain ? null : join(folder, "values.yaml");
      if (plain) writeObjectsChart(folder, name, unit.objects);
      else writeFileSync(join(folder, "values.yaml"), stringify(unit.release.values, { lineWidth: 0 }));
      const chart = { name, namespace, chartDirectory, valuesPath };
      const manifests = plain ? manifestText(unit.objects) : await renderChart(helmPath, chart, environment);
      const contentHash = createHash("sha256").update(manifests).digest("hex").slice(0, 40);
      return { unit, manifests, desired: { ...chart, phase, timeoutSeconds, contentHash } };
    }),
  );
}

// The objects come in as a file, because a template would read `{{` in somebody's text as its own.
function writeObjectsChart(folder: string, name: string, objects: readonly KubernetesObject[]): void {
  mkdirSync(join(folder, "templates"), { recursive: true });
  const chart = { apiVersion: "v2", name, version: "0.1.0", description: "Objects that belong to no chart." };
  writeFileSync(join(folder, "Chart.yaml"), stringify(chart));
  writeFileSync(join(folder, "objects.yaml"), manifestText(objects));
  writeFileSync(join(folder, "templates", "objects.yaml"), '{{ .Files.Get "objects.yaml" }}\n');
}
