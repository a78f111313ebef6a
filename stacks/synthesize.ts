import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import cdktfPackage from "cdktf/package.json" with { type: "json" };
import { type Finding, passes } from "../config/diagnostics/finding.ts";
import { type Blueprint, waysInOf } from "../decisions/blueprint.ts";
import { buildStacks, type SynthesizedStack } from "./build.ts";
import { copyChart, readChart, removeOtherCopies } from "./chart-source.ts";
import type { ChartSource } from "./constructs/chart-release.ts";
import { checkStacks } from "./guards/index.ts";
import { checkObjects } from "./guards/objects/index.ts";
import { toManifests } from "./manifests.ts";
import { stableJson } from "./stable-json.ts";
import { readWrittenStacks } from "./written-stacks.ts";

export interface SynthesizeOptions {
  /** Folder that takes the output; `cdktf.out` by habit. What Terraform keeps there stays. */
  readonly outputDirectory: string;
  /** The checkout's `charts/`. */
  readonly chartsDirectory: string;
}

export interface Synthesis {
  readonly findings: readonly Finding[];
  /** In the order they are applied; each lies in `OUT/stacks/<name>/`. */
  readonly stacks: readonly SynthesizedStack[];
  /** Charts of this checkout, whether or not a stack carries them. */
  readonly charts: readonly ChartSource[];
}

/** Charts that stacks may carry, by the key under which they take them. */
const chartNames = {
  admissionPolicies: "admission-policies",
  egressProxy: "egress-proxy",
  gateway: "gateway",
  modelServer: "model-server",
  orchestrator: "orchestrator",
  wayIn: "way-in",
} as const;

/** What cdktf-cli reads to find the stacks: paths relative to the output folder, so that it can be moved. */
function manifest(stacks: readonly SynthesizedStack[]): unknown {
  return {
    version: cdktfPackage.version,
    stacks: Object.fromEntries(
      stacks.map(({ name, dependencies }) => [
        name,
        {
          name,
          constructPath: name,
          workingDirectory: `stacks/${name}`,
          synthesizedStackPath: `stacks/${name}/cdk.tf.json`,
          stackMetadataPath: `stacks/${name}/metadata.json`,
          annotations: [],
          dependencies,
        },
      ]),
    ),
  };
}

/** Writes a file as a whole: Terraform may read it at any moment. */
function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** What the guards have against stacks, as Terraform and as objects of the cluster. Charts are rendered later. */
function checkOutput(stacks: readonly SynthesizedStack[], blueprint: Blueprint): readonly Finding[] {
  const { name, cluster, residency } = blueprint;
  const findings = checkStacks(stacks, { name, target: cluster.target, egress: residency.egress.value });
  // What is no Terraform of ours has no counterpart in manifests either.
  if (!passes(findings)) return findings;
  const objects = stacks.flatMap(({ json }) => toManifests(json).objects);
  return [...findings, ...checkObjects(objects, { target: cluster.target, residency, waysIn: waysInOf(blueprint) })];
}

/**
 * Writes a Blueprint as Terraform JSON, one folder a stack, and returns what the guards found. With an error among
 * the findings nothing is written: what a guard refuses cannot be applied by accident. After writing, the files are
 * read back and held against the same guards; an error then means that the folder must not be used. The same Blueprint
 * gives the same bytes, whatever the folder, the working directory or the environment.
 */
export function synthesize(blueprint: Blueprint, { outputDirectory, chartsDirectory }: SynthesizeOptions): Synthesis {
  const charts = Object.fromEntries(
    Object.entries(chartNames).map(([key, name]) => [key, readChart(chartsDirectory, name)]),
  ) as Record<keyof typeof chartNames, ChartSource>;
  const stacks = buildStacks(blueprint, { cdktfVersion: cdktfPackage.version, ...charts });
  const synthesis = { stacks, charts: Object.values(charts) };
  const findings = checkOutput(stacks, blueprint);
  if (!passes(findings)) return { ...synthesis, findings };

  for (const { name, json } of stacks) {
    const folder = join(outputDirectory, "stacks", name);
    const used = new Set(Object.values(json.resource.helm_release ?? {}).map(({ chart }) => chart));
    const carried = (Object.keys(chartNames) as (keyof typeof chartNames)[]).filter((key) =>
      used.has(charts[key].path),
    );
    // The charts first: a stack never refers to one that is not there yet.
    for (const key of carried) copyChart(chartsDirectory, chartNames[key], charts[key], folder);
    replaceFile(join(folder, "cdk.tf.json"), stableJson(json));
    for (const key of carried) removeOtherCopies(charts[key], folder);
  }
  replaceFile(join(outputDirectory, "manifest.json"), stableJson(manifest(stacks)));
  return { ...synthesis, findings: checkOutput(readWrittenStacks(outputDirectory), blueprint) };
}
