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
  /** True when removing it loses what cannot be made again at once: no failure may do that. */
  readonly holdsData?: boolean;
} & (
  | { readonly objects: readonly KubernetesObject[] }
  | { readonly release: HelmRelease; readonly chartDirectory: string }
);

const phases = { platform: 0, shared: 1, weights: 1, fetch: 2, before: 2, release: 3, service: 4 } as const;
/** Helm's limit for the name of a release. */
const longestRecordName = 53;
/** How much longer Helm waits than a Job may take, so that it is the Job that says why. */
const jobMarginSeconds = 60;
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
 * The units of synthesized stacks, each in the phase that its dependencies allow: the platform, what all models share and
 * the claims for weights, the Jobs that fill them or change tables, each version's release, and the Service that callers use once what it
 * points at is ready.
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
        ...releases.map((release) => releaseUnit(release, stack, phases.shared, outputDirectory)),
      ];
    }
    const claims = objects.filter(({ kind }) => kind === "PersistentVolumeClaim").map(({ metadata }) => metadata.name);
    const groups = new Map<string, KubernetesObject[]>();
    for (const object of objects) {
      // Every object of the agents' stack is there for the Job that its release waits for.
      const group = stack === "agents" ? recordName("before", stack) : groupOf(object, claims);
      groups.set(group, [...(groups.get(group) ?? []), object]);
    }
    return [
      ...[...groups].map(
        ([name, members]): ManifestUnit => ({
          name,
          namespace,
          stack,
          phase: phases[name.split(".")[0] as "shared" | "service" | "weights" | "fetch" | "before"],
          holdsData: members.some(({ kind }) => kind === "PersistentVolumeClaim"),
          timeoutSeconds: Math.max(objectsTimeoutSeconds, ...members.map(patienceSeconds)),
          objects: members,
        }),
      ),
      ...releases.map((release) => releaseUnit(release, stack, phases.release, outputDirectory)),
    ];
  });
}

function releaseUnit(release: HelmRelease, stack: string, phase: number, outputDirectory: string): ManifestUnit {
  return {
    name: release.name,
    namespace: release.namespace,
    stack,
    phase,
    timeoutSeconds: release.timeoutSeconds,
    release,
    chartDirectory: join(outputDirectory, "stacks", stack, release.chartPath),
  };
}

/**
 * Weights go by their claim, which changes with the revision: the old one stays until the version that reads it is
 * gone, so that a roll-out that fails can go back. What fills the claim is apart from it, so that a fetch that fails
 * is taken back without what it has fetched.
 */
function groupOf(object: KubernetesObject, claims: readonly string[]): string {
  const { kind, metadata } = object;
  if (kind === "PersistentVolumeClaim") return recordName("weights", metadata.name);
  const claim = kind === "Job" ? jobSpec(object).claim : claims.find((name) => metadata.name.startsWith(name));
  if (claim !== undefined) return recordName("fetch", claim);
  return kind === "Service" ? recordName("service", metadata.name) : "shared";
}

/** Helm's name for a record: kind and object, the tail of a long name replaced by its fingerprint. */
function recordName(kind: keyof typeof phases, object: string): string {
  const name = `${kind}.${object}`;
  if (name.length <= longestRecordName) return name;
  const fingerprint = createHash("sha256").update(object).digest("hex").slice(0, 8);
  return `${name.slice(0, longestRecordName - 9).replace(/[^a-z0-9]+$/, "")}-${fingerprint}`;
}

function jobSpec(job: KubernetesObject): { readonly claim: string | undefined; readonly deadlineSeconds: number } {
  const spec = job.spec as {
    readonly activeDeadlineSeconds?: number;
    readonly template?: {
      readonly spec?: {
        readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
      };
    };
  };
  return {
    claim: spec.template?.spec?.volumes?.flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? [])[0],
    deadlineSeconds: spec.activeDeadlineSeconds ?? 0,
  };
}

/** How long a Job may take to be complete, and zero for everything that is there at once. */
function patienceSeconds(object: KubernetesObject): number {
  return object.kind === "Job" ? jobSpec(object).deadlineSeconds + jobMarginSeconds : 0;
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
      const { name, namespace, phase, timeoutSeconds, holdsData = false } = unit;
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
      return { unit, manifests, desired: { ...chart, phase, timeoutSeconds, contentHash, holdsData } };
    }),
  );
}

/** File of a plain unit's chart that holds its objects. */
export const objectsFile = "objects.yaml";

// The objects come in as a file, because a template would read `{{` in somebody's text as its own.
function writeObjectsChart(folder: string, name: string, objects: readonly KubernetesObject[]): void {
  mkdirSync(join(folder, "templates"), { recursive: true });
  const chart = { apiVersion: "v2", name, version: "0.1.0", description: "Objects that belong to no chart." };
  writeFileSync(join(folder, "Chart.yaml"), stringify(chart));
  writeFileSync(join(folder, objectsFile), manifestText(objects));
  writeFileSync(join(folder, "templates", "objects.yaml"), `{{ .Files.Get "${objectsFile}" }}\n`);
}
