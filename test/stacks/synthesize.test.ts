import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { synthesize } from "../../stacks/synthesize.ts";
import { blueprint, model, release } from "./support/blueprint.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const chartsDirectory = join(root, "charts");

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "freehold-synthesize-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

/** Every file below a folder with its content. */
function contents(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((item) => item.isFile());
  const paths = files.map((item) => join(item.parentPath, item.name)).sort();
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}

function synthesizeInto(name: string, from = blueprint(), charts = chartsDirectory): string {
  const outputDirectory = join(directory, name);
  const { findings } = synthesize(from, { outputDirectory, chartsDirectory: charts });
  expect(findings).toEqual([]);
  return outputDirectory;
}

/** A copy of the charts that a test may change. */
function copyOfCharts(): string {
  const charts = join(directory, "charts");
  cpSync(chartsDirectory, charts, { recursive: true });
  return charts;
}

function chartCopies(outputDirectory: string): string[] {
  return readdirSync(join(outputDirectory, "stacks/inference/assets/model-server"));
}

describe("synthesize", () => {
  it("writes one folder a stack and a manifest for cdktf-cli", () => {
    const out = contents(synthesizeInto("out"));
    expect(Object.keys(out)).toEqual(
      expect.arrayContaining(["manifest.json", "stacks/inference/cdk.tf.json", "stacks/platform/cdk.tf.json"]),
    );
    expect(JSON.parse(out["manifest.json"] ?? "")).toMatchObject({
      stacks: {
        platform: { synthesizedStackPath: "stacks/platform/cdk.tf.json", dependencies: [], annotations: [] },
        inference: { workingDirectory: "stacks/inference", dependencies: ["platform"] },
      },
    });
  });

  it("gives the same bytes in another folder and with cdktf's own variables set", () => {
    const first = contents(synthesizeInto("one"));
    vi.stubEnv("CDKTF_OUTDIR", join(directory, "elsewhere"));
    vi.stubEnv("CDKTF_CONTEXT_JSON", '{"excludeStackIdFromLogicalIds":"true","cdktfVersion":"1"}');
    vi.stubEnv("SYNTH_HCL_OUTPUT", "true");
    const second = contents(synthesizeInto("two/deeper"));
    expect(second).toEqual(first);
    expect(existsSync(join(directory, "elsewhere"))).toBe(false);
  });

  it("needs no program on PATH, Terraform least of all", () => {
    const first = contents(synthesizeInto("one"));
    vi.stubEnv("PATH", join(directory, "nothing-here"));
    expect(contents(synthesizeInto("two"))).toEqual(first);
  });

  it("gives the same bytes whatever the order of the models in the Blueprint", () => {
    const chat = model("chat", release("chat", "v1"));
    const other = model("other", release("other", "v1", { replicas: { value: 1, because: [] } }));
    const first = contents(synthesizeInto("one", blueprint({ models: { chat, other } })));
    expect(contents(synthesizeInto("two", blueprint({ models: { other, chat } })))).toEqual(first);
  });

  it("names neither the output folder nor the checkout in any file", () => {
    for (const [path, text] of Object.entries(contents(synthesizeInto("out")))) {
      for (const place of [directory, dirname(chartsDirectory)]) expect(text, path).not.toContain(place);
    }
  });

  it("puts the chart beside the stack, under a path that its release names", () => {
    const out = synthesizeInto("out");
    const json = JSON.parse(readFileSync(join(out, "stacks/inference/cdk.tf.json"), "utf8"));
    const [body] = Object.values<{ chart: string }>(json.resource.helm_release);
    const chart = join(out, "stacks/inference", body?.chart ?? "");
    expect(contents(chart)).toEqual(contents(join(chartsDirectory, "model-server")));
  });

  it("gives the chart another path when a template changes, and keeps one copy", () => {
    const charts = copyOfCharts();
    const out = synthesizeInto("out", blueprint(), charts);
    const before = chartCopies(out);
    writeFileSync(join(charts, "model-server/templates/service.yaml"), "# changed\n", { flag: "a" });
    synthesizeInto("out", blueprint(), charts);
    expect(chartCopies(out)).toHaveLength(1);
    expect(chartCopies(out)).not.toEqual(before);
  });

  it("gives the chart another path when a file is only renamed", () => {
    const charts = copyOfCharts();
    const before = chartCopies(synthesizeInto("one", blueprint(), charts));
    const templates = join(charts, "model-server/templates");
    cpSync(join(templates, "service.yaml"), join(templates, "services.yaml"));
    rmSync(join(templates, "service.yaml"));
    expect(chartCopies(synthesizeInto("two", blueprint(), charts))).not.toEqual(before);
  });

  it("leaves what Terraform keeps in a stack's folder", () => {
    const kept = join(directory, "out/stacks/platform/.terraform/providers");
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(kept, "kept");
    synthesizeInto("out");
    expect(readFileSync(kept, "utf8")).toBe("kept");
  });

  it("rejects what a guard refuses and leaves the last output as it was", () => {
    const before = contents(synthesizeInto("out"));
    const named = blueprint({ models: { vllm: model("vllm", release("vllm", "v1")) } });
    const { findings } = synthesize(named, { outputDirectory: join(directory, "out"), chartsDirectory });
    expect(findings.map(({ code }) => code)).toEqual(["GRD-112"]);
    expect(contents(join(directory, "out"))).toEqual(before);
  });

  it("rejects what lies in the files, whatever the constructs said, and whatever cdktf is told", () => {
    vi.stubEnv("CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS", "1");
    const out = synthesizeInto("out");
    const stray = join(out, "stacks/stray/cdk.tf.json");
    mkdirSync(dirname(stray), { recursive: true });
    const platform = JSON.parse(readFileSync(join(out, "stacks/platform/cdk.tf.json"), "utf8"));
    const { kubernetes_namespace_v1: namespaces } = platform.resource;
    const text = JSON.stringify({ ...platform, resource: { kubernetes_namespace_v1: namespaces } });
    writeFileSync(stray, text.replaceAll("demo-trial-inference", "demo-trial-open"));
    const { findings } = synthesize(blueprint(), { outputDirectory: out, chartsDirectory });
    expect(findings.map(({ code }) => code)).toEqual(["GRD-104", "GRD-104"]);
  });

  it("rejects objects that no guard on Terraform looks at", () => {
    const { residency, ...rest } = blueprint();
    const registries = { value: ["registry.elsewhere.example"], because: [] };
    const { findings } = synthesize(
      { ...rest, residency: { ...residency, registries } },
      { outputDirectory: join(directory, "out"), chartsDirectory },
    );
    expect(findings.map(({ code }) => code)).toEqual(["GRD-217"]);
    expect(existsSync(join(directory, "out"))).toBe(false);
  });
});
