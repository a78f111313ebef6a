// The whole output of each example, as a person reviews it, in test/golden/<example>/. `npm run golden:update` writes
// the files and prints what moved; read that diff. It proves that nothing changed unseen, not that a cluster accepts it.
// Two things stand still here and are tested elsewhere: the chart's content hash and cdktf's version.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import type { Finding } from "../../config/diagnostics/finding.ts";
import { type Blueprint, waysInOf } from "../../decisions/blueprint.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import { explain } from "../../decisions/explain.ts";
import { evidenceFiles } from "../../decisions/residency/evidence.ts";
import { floorFacts } from "../../decisions/residency/floors.ts";
import { buildStacks, type SynthesizedStack, type TerraformJson, type TerraformResource } from "../../stacks/build.ts";
import { bundleItems } from "../../stacks/bundle.ts";
import { checkStacks } from "../../stacks/guards/index.ts";
import { checkObjects } from "../../stacks/guards/objects/index.ts";
import { toManifests } from "../../stacks/manifests.ts";
import fetchWeights from "../../stacks/scripts/fetch_weights.py";
import { stableJson } from "../../stacks/stable-json.ts";
import { helm } from "../support/helm.ts";
import { exampleReport } from "../support/report.ts";
import { exampleNames, goldenFolder, openExample } from "./support/example.ts";
import { expectGolden } from "./support/golden.ts";
import { sources } from "./support/stacks.ts";

const { cdktfVersion: _, ...chartSources } = sources;

/** What a person reads in one sitting, with some room: longer ones are to be split. */
const longestGoldenLines = 640;
const charts = fileURLToPath(new URL("../../charts", import.meta.url));

/** The parts of a stack that are reviewed alone, releases and namespaces, each with the start of its construct paths. */
function partPrefixes({ name, json }: SynthesizedStack): ReadonlyMap<string, string> {
  const { helm_release: releases = {}, kubernetes_namespace_v1: namespaces = {} } = json.resource;
  const pathOf = (resource: TerraformResource) => resource["//"].metadata.path.replace(/[^/]*$/, "");
  return new Map([
    ...Object.values(releases).map((release) => [`${name}.${release.name}`, pathOf(release)] as const),
    ...Object.values(namespaces).map((namespace) => {
      const path = pathOf(namespace);
      return [`${name}.namespace-${path.split("/").at(-2)}`, path] as const;
    }),
  ]);
}

/** The resources whose construct path passes. */
function select(json: TerraformJson, passes: (path: string) => boolean): TerraformJson["resource"] {
  return Object.fromEntries(
    Object.entries(json.resource)
      .map(([type, all]) => {
        const kept = Object.entries(all).filter(([, body]) => passes(body["//"].metadata.path));
        return [type, Object.fromEntries(kept)] as const;
      })
      .filter(([, kept]) => Object.keys(kept).length > 0),
  );
}

/** One file for the stack and one for each part, so that each can be read in one sitting. */
function terraformGoldens(stack: SynthesizedStack): ReadonlyMap<string, string> {
  const prefixes = partPrefixes(stack);
  const ofNoPart = (path: string) => ![...prefixes.values()].some((prefix) => path.startsWith(prefix));
  return new Map([
    [`${stack.name}.tf.json`, stackGolden(stableJson({ ...stack.json, resource: select(stack.json, ofNoPart) }))],
    ...[...prefixes].map(
      ([name, prefix]) =>
        [`${name}.tf.json`, stableJson({ resource: select(stack.json, (path) => path.startsWith(prefix)) })] as const,
    ),
  ]);
}

const probePath = "files/liveness.py";
const probe = readFileSync(`${charts}/model-server/${probePath}`, "utf8");

/** Text with a reference in place of a script that it holds once: it is reviewed in its own file. */
function withReference(text: string, script: string, reference: string): string {
  const [before, after, ...more] = text.split(script);
  if (after === undefined || more.length > 0) throw new Error(`${reference} is expected once.`);
  return `${before}${reference}${after}`;
}

function withoutProbe(manifests: string): string {
  return withReference(manifests, probe.trimEnd().replaceAll(/^/gm, "    "), `    (charts/model-server/${probePath})`);
}

/** The stack's own part: what belongs to none of its parts. */
function stackGolden(text: string): string {
  const script = JSON.stringify(fetchWeights);
  return text.includes(script) ? withReference(text, script, '"(stacks/scripts/fetch_weights.py)"') : text;
}

/**
 * Evidence of examples that have a residency. Left out are the list of rules, which grows with each of them, and the hashes
 * of the output, which say the same as the other goldens.
 */
function evidenceGoldens(
  blueprint: Blueprint,
  findings: readonly Finding[],
  stacks: readonly SynthesizedStack[],
): Readonly<Record<string, string>> {
  if (blueprint.residency.mode.value === "none") return {};
  const files = evidenceFiles({
    blueprint,
    findings,
    floors: floorFacts(blueprint, catalog),
    artifacts: bundleItems(blueprint, stacks, Object.values(chartSources)),
    output: {},
  });
  return Object.fromEntries(Object.entries(files).filter(([file]) => !["checks.json", "output.sha256"].includes(file)));
}

describe.each(exampleNames())("example %s", (name) => {
  const { blueprint, hosting, findings } = openExample(name);
  const stacks = buildStacks(blueprint, sources);
  const releases = stacks.flatMap(({ json }) => toManifests(json).releases);
  const evidence = evidenceGoldens(blueprint, findings, stacks);
  const terraform = stacks.flatMap((stack) => [...terraformGoldens(stack)]);

  it("passes every guard", () => {
    const { cluster, residency } = blueprint;
    const limits = { name: blueprint.name, target: cluster.target, egress: residency.egress.value };
    expect(checkStacks(stacks, limits)).toEqual([]);
  });

  it("passes every guard on objects, with its charts rendered", () => {
    const rendered = releases.flatMap((release) =>
      parseAllDocuments(readFileSync(`${goldenFolder(name)}/${release.name}.manifests.yaml`, "utf8")),
    );
    const objects = [
      ...stacks.flatMap(({ json }) => toManifests(json).objects),
      ...rendered.map((document) => document.toJS()),
    ];
    const { cluster, residency } = blueprint;
    const found = checkObjects(objects, { target: cluster.target, residency, waysIn: waysInOf(blueprint) });
    expect(found.map(({ title }) => title)).toEqual([]);
  });

  it("explains its decisions", () => {
    expectGolden(name, "explanation.md", explain(blueprint, hosting, findings));
  });

  it("reports its decisions", () => {
    expectGolden(name, "report.html", exampleReport(name));
  });

  it.each(terraform)("synthesizes %s", (file, text) => {
    expectGolden(name, file, text);
  });

  it.each(releases.map((release) => [release.name, release] as const))("gives %s its values", (file, { values }) => {
    expectGolden(name, `${file}.values.yaml`, stringify(values, { lineWidth: 0 }));
  });

  it.each(releases.map((release) => [release.name, release] as const))("renders %s", async (file, release) => {
    const chart = release.chartPath.split("/")[1];
    const words = ["template", release.name, `${charts}/${chart}`, "--namespace", release.namespace];
    const { code, stdout, stderr } = await helm(words, release.values);
    expect(code, stderr).toBe(0);
    expectGolden(name, `${file}.manifests.yaml`, chart === "model-server" ? withoutProbe(stdout) : stdout);
  });

  it.each(Object.keys(evidence))("has as evidence %s", (file) => {
    expectGolden(name, `evidence/${file}`, evidence[file] ?? "");
  });

  it("has no golden file that nothing writes, and none that is too long to review", () => {
    const written = [
      "explanation.md",
      "report.html",
      ...Object.keys(evidence).map((file) => `evidence/${file}`),
      ...terraform.map(([file]) => file),
      ...releases.flatMap((release) => [`${release.name}.values.yaml`, `${release.name}.manifests.yaml`]),
    ];
    const there = readdirSync(goldenFolder(name), { recursive: true, encoding: "utf8" }).filter(
      (file) => !["stack.lock.yaml", "evidence"].includes(file),
    );
    expect(there.sort()).toEqual(written.sort());
    const long = there.filter(
      (file) => readFileSync(`${goldenFolder(name)}/${file}`, "utf8").split("\n").length > longestGoldenLines,
    );
    expect(long).toEqual([]);
  });
});

describe("the golden folders", () => {
  it("belong to examples that exist", () => {
    const folders = readdirSync(goldenFolder("")).filter((name) => !name.startsWith("."));
    expect(folders.sort()).toEqual(exampleNames());
  });
});
