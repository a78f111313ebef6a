// Proves: what a site without a network is told to carry. That nothing else is needed there is proven only for what the output
// names: images, charts, providers, files of models.
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { buildStacks } from "../../stacks/build.ts";
import { bundleItems } from "../../stacks/bundle.ts";
import { toManifests } from "../../stacks/manifests.ts";
import { goldenFolder, openExample } from "../stacks/support/example.ts";
import { sources } from "../stacks/support/stacks.ts";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { stackWith } from "../support/stack-file.ts";

const { blueprint } = openExample("air-gapped");
const stacks = buildStacks(blueprint, sources);
const { cdktfVersion: _, ...charts } = sources;
const carry = (decided: Blueprint, output: Parameters<typeof bundleItems>[1]) =>
  bundleItems(decided, output, Object.values(charts));
const items = carry(blueprint, stacks);

describe("a bundle", () => {
  it("lists images, charts, providers and files of models with what is known of them", () => {
    expect(items.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "chart admission-policies 0.1.0",
      "chart model-server 0.1.0",
      expect.stringMatching(/^configuration Qwen\/Qwen3-32B@2{40}\/config\.json$/),
      "image registry.enclave.example/tools/model-signing",
      "image registry.enclave.example/vllm/vllm-openai:v0.33.0",
      "program terraform or tofu >= 1.11",
      expect.stringMatching(/^provider hashicorp\/helm \d+\.\d+\.\d+$/),
      expect.stringMatching(/^provider hashicorp\/kubernetes \d+\.\d+\.\d+$/),
      expect.stringMatching(/^weights Qwen\/Qwen3-32B@2{40}\/model-00001-of-00002\.safetensors$/),
      expect.stringMatching(/^weights Qwen\/Qwen3-32B@2{40}\/model-00002-of-00002\.safetensors$/),
    ]);
    const digests = items.filter(({ kind }) => kind === "image" || kind === "weights").map(({ digest }) => digest);
    expect(digests.every((digest) => /^sha256:[0-9a-f]{64}$/.test(digest ?? ""))).toBe(true);
  });

  it("tells the size of an image that the lock tells, and of each chart", () => {
    const [name = "", model] = Object.entries(blueprint.models)[0] ?? [];
    const v1 = model?.versions.v1;
    if (model === undefined || v1 === undefined) throw new Error("The example has no model.");
    const image = { ...v1.image, value: { ...v1.image.value, bytes: 11_000_000_000 } };
    const sized = carry({ ...blueprint, models: { [name]: { ...model, versions: { v1: { ...v1, image } } } } }, stacks);
    const bytesOf = (kind: string) => sized.filter((item) => item.kind === kind).map(({ bytes }) => bytes);
    expect(bytesOf("image")).toEqual([null, 11_000_000_000]);
    expect(bytesOf("chart")).toEqual([1000, 1000]);
  });

  it.each([
    ["air-gapped", ["chat-v1"]],
    ["sovereign", ["chat-v1", "egress-proxy"]],
  ])("holds every image that the output of %s runs", (name, releases) => {
    const { blueprint: decided } = openExample(name);
    const output = buildStacks(decided, sources);
    const rendered = releases
      .map((release) => readFileSync(`${goldenFolder(name)}/${release}.manifests.yaml`, "utf8"))
      .join("\n");
    const objects = output.flatMap(({ json }) => toManifests(json).objects);
    const text = `${rendered}\n${JSON.stringify(objects)}`;
    const run = [...text.matchAll(/"?image"?: ?"([^"]+@sha256:[0-9a-f]{64})"/g)].map(
      ([, image = ""]) => image.split("@")[1],
    );
    expect(run.length).toBeGreaterThanOrEqual(2);
    const carried = carry(decided, output).filter(({ kind }) => kind === "image");
    expect(new Set(run)).toEqual(new Set(carried.map(({ digest }) => digest)));
    expect(carried).toHaveLength(new Set(run).size);
  });

  it("tells tokenizers and templates from weights", () => {
    const [chat] = Object.entries(blueprint.models);
    const names = [
      "tokenizer.json",
      "vocab.json",
      "merges.txt",
      "chat_template.jinja",
      "x/model.safetensors",
      "config.json",
    ];
    const files = names.map((name) => ({ name, bytes: 1, sha256: null }));
    const [name = "", model] = chat ?? [];
    const v1 = model?.versions.v1;
    if (model === undefined || v1 === undefined) throw new Error("The example has no model.");
    const changed = { ...model, versions: { v1: { ...v1, weights: { ...v1.weights, files } } } };
    const kinds = carry({ ...blueprint, models: { [name]: changed } }, []).map(({ kind }) => kind);
    expect(kinds).toEqual([
      "configuration",
      "image",
      "image",
      "template",
      "tokenizer",
      "tokenizer",
      "tokenizer",
      "weights",
    ]);
  });
});

describe("freehold bundle list", () => {
  let checkout: Checkout;
  beforeEach(() => {
    checkout = newCheckout();
    checkout.write("config/stack.yaml", stackWith());
  });
  afterEach(() => checkout.remove());

  it("prints a line a thing, and how many are without a digest", async () => {
    const { code, stdout } = await checkout.freehold(["bundle", "list"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^image +docker\.io\/vllm\/vllm-openai:v0\.33\.0 +not known$/m);
    expect(stdout).toMatch(/^chart +model-server 0\.1\.0 +\d{4,6} +[0-9a-f]{32}$/m);
    expect(stdout).toMatch(/\n7 things, 5 of them without a digest\.\n$/);
  });

  it("prints JSON for machines", async () => {
    const { stdout } = await checkout.freehold(["bundle", "list", "--json"]);
    expect(JSON.parse(stdout)).toHaveLength(7);
  });

  it.each([[[]], [["make"]]])("rejects %j, which is no list", async (words) => {
    const { code, stderr } = await checkout.freehold(["bundle", ...words]);
    expect(code).toBe(1);
    expect(stderr).toContain("RUN-111");
  });
});
