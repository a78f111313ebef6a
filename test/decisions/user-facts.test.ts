// Proves: models and GPUs of the user's own count as the catalog's do, and facts that cannot be true are refused.
import { describe, expect, it } from "vitest";
import { renderFindings } from "../../config/diagnostics/render.ts";
import { load } from "../../config/load.ts";
import { catalog, lookUp } from "../../decisions/catalog/index.ts";
import { withUserFacts } from "../../decisions/catalog/user-facts.ts";
import { decide } from "../../decisions/decide.ts";
import { codesOf, soundStack, stackWith } from "../support/stack-file.ts";

const ownModel = `catalog:
  models:
    acme/assistant:
      form: own
      layers: 32
      hiddenSize: 4096
      attentionHeads: 32
      keyValueHeads: 8
      headSize: 128
      intermediateSize: 14336
      vocabularySize: 128256
      maxPositions: 65536
      tiedEmbeddings: false
      parameters: { total: 8030261248, active: 8030261248 }
      cache: { kind: full }
      weights: { recipe: bf16 }
      licence: Apache-2.0
      source: our own config.json
      asOf: 2026-11-01
`;

const ownGpu = `catalog:
  accelerators:
    acme-gpu:
      visibleMiB: 98304
      engineVisibleGiB: 94.5
      memoryGigabytesPerSecond: 4000
      denseTeraflops: { bf16: 400, fp8: 800 }
      generation: hopper
      link: { kind: pcie, gigabytesPerSecond: 64 }
      source: our own nvidia-smi
      asOf: 2026-11-01
`;

/** Findings of the file and of what is decided from it. */
function findingsOf(text: string) {
  const { config, findings } = load(text);
  if (config === null) return { findings, blueprint: null };
  const decided = decide(config, null, catalog, { asOf: "2026-11-24", lockHash: null });
  // The lock is not the subject, and every file without one is told so.
  const about = [...findings, ...decided.findings].filter(({ code }) => !code.startsWith("LCK"));
  return { findings: about, blueprint: decided.blueprint };
}

function screenOf(text: string): string {
  const files = { stack: { name: "config/stack.yaml", text } };
  return renderFindings([...findingsOf(text).findings], { files, color: false });
}

const withModel = (changes: readonly (readonly [from: string, to: string])[] = []) =>
  changes.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`The entry does not hold ${JSON.stringify(from)}.`);
      return text.replace(from, () => to);
    },
    `${stackWith(["Qwen/Qwen3-32B", "acme/assistant"])}${ownModel}`,
  );

const withGpu = (from = "visibleMiB: 98304", to = from) =>
  `${stackWith(["accelerator: nvidia-h100-sxm", "accelerator: acme-gpu"])}${ownGpu.replace(from, () => to)}`;

describe("a model of one's own", () => {
  it("is decided from its own facts", () => {
    const { blueprint, findings } = findingsOf(withModel());
    expect(codesOf({ findings })).toEqual([]);
    const bytes = blueprint?.models.chat?.versions.v1?.weights.bytes;
    expect(bytes?.value).toBe(8_030_261_248 * 2);
    expect(bytes?.because[0]?.text).toContain("our own config.json");
  });

  it("may have the shape of a known one and store it differently", () => {
    const variant = `catalog:
  models:
    acme/small: { form: variant, of: Qwen/Qwen3-32B, weights: { recipe: int4 }, source: our own config.json, asOf: 2026-11-01 }
`;
    const { blueprint, findings } = findingsOf(`${stackWith(["Qwen/Qwen3-32B", "acme/small"])}${variant}`);
    expect(codesOf({ findings })).toEqual([]);
    expect(blueprint?.models.chat?.versions.v1?.weights.bytes.value).toBeLessThan(20 * 2 ** 30);
  });

  it("replaces the catalog's entry of the same name", () => {
    const config = load(`${soundStack}${ownModel.replace("acme/assistant", "Qwen/Qwen3-32B")}`).config;
    const own = withUserFacts(catalog, config?.catalog).catalog;
    expect(lookUp(own.models, "Qwen/Qwen3-32B")?.layers).toBe(32);
    expect(lookUp(catalog.models, "Qwen/Qwen3-32B")?.layers).toBe(64);
  });

  it.each([
    ["keyValueHeads: 8", "keyValueHeads: 5", "5 key-value heads do not divide 32 attention heads"],
    ["active: 8030261248", "active: 9030261248", "9030261248 parameters are active of 8030261248"],
    [
      "{ recipe: bf16 }",
      "{ recipe: bf16, bytes: 4000000000 }",
      "are 0.25 times what 8030261248 parameters stored as bf16",
    ],
    ["cache: { kind: full }", "cache: { kind: windowed, windowTokens: 100000, windowedLayers: 16 }", "100000 tokens"],
    ["cache: { kind: full }", "cache: { kind: windowed, windowTokens: 128, windowedLayers: 40 }", "40 of 32 layers"],
    ["intermediateSize: 14336", "experts: { count: 8, perToken: 9, intermediateSize: 64 }", "9 of 8 experts"],
    [
      "intermediateSize: 14336",
      "experts: { count: 8, perToken: 2, intermediateSize: 64, denseLayers: 32 }",
      "32 of 32",
    ],
    ["      intermediateSize: 14336\n", "", "neither intermediateSize nor experts"],
    ["vocabularySize: 128256", "vocabularySize: 12825600", "embeddings, attention and experts alone"],
    ["maxPositions: 65536", "maxPositions: 64", "a longest sequence of 64 tokens"],
  ])("rejects %s as %s", (from, to, contradiction) => {
    const found = findingsOf(withModel([[from, to]])).findings.filter(({ code }) => code === "CAP-121");
    expect(found).toHaveLength(1);
    expect(found[0]?.title).toContain(contradiction);
  });

  it("shows the figure that is out of line", () => {
    const text = withModel([
      ["active: 8030261248", "active: 9030261248"],
      ["weights: { repository: acme/assistant }", "weights: { repository: acme/assistant, size: 16GiB }"],
    ]);
    expect(screenOf(text)).toMatchInlineSnapshot(`
      "config/stack.yaml:31:48  CAP-121  The facts of acme/assistant contradict each other: 9030261248 parameters are active of 8030261248.

        30 |       tiedEmbeddings: false
        31 |       parameters: { total: 8030261248, active: 9030261248 }
           |                                                ^^^^^^^^^^

        Why: Memory, speed and cost are reckoned from these facts. From ones that cannot all be true nothing can be reckoned.
        Fix: Take every figure from the repository's own config.json; the reference page names the key of each. Sizes and counts are whole numbers without a unit.
        More: docs/reference/errors.md#cap-121

      1 error
      "
    `);
  });

  it("rejects the shape of a model that nobody knows, and names the nearest", () => {
    const variant = `catalog:
  models:
    acme/small: { form: variant, of: Qwen/Qwen3-23B, source: our own config.json, asOf: 2026-11-01 }
`;
    expect(screenOf(`${soundStack}${variant}`)).toMatchInlineSnapshot(`
      "config/stack.yaml:20:38  CAP-122  acme/small is said to have the shape of Qwen/Qwen3-23B, which has none here.

        19 |   models:
        20 |     acme/small: { form: variant, of: Qwen/Qwen3-23B, source: our own config.json, asOf: 2026-11-01 }
           |                                      ^^^^^^^^^^^^^^

        Why: An entry with \`form: variant\` takes its shape from another one of this section or of Freehold's catalog, and that one must end in an entry with \`form: own\`.
        Fix: Did you mean "Qwen/Qwen3-32B"?
        More: docs/reference/errors.md#cap-122

      1 error
      "
    `);
  });

  it("rejects two variants that name each other", () => {
    const entry = (of: string) => `{ form: variant, of: ${of}, source: our own config.json, asOf: 2026-11-01 }`;
    const circle = `catalog:\n  models:\n    acme/a: ${entry("acme/b")}\n    acme/b: ${entry("acme/a")}\n`;
    expect(codesOf(findingsOf(`${soundStack}${circle}`))).toEqual(["CAP-122", "CAP-122"]);
  });
});

describe("an accelerator of one's own", () => {
  it("is decided from its own facts", () => {
    const { findings, blueprint } = findingsOf(withGpu());
    expect(codesOf({ findings })).toEqual([]);
    expect(blueprint?.nodePools.h100?.accelerator).toBe("acme-gpu");
  });

  it.each([
    ["engineVisibleGiB: 94.5", "engineVisibleGiB: 96.5", "cannot see 96.5 GiB of 98304 MiB"],
    ["fp8: 800", "fp8: 300", "FP8 at 300 is slower than 16 bits at 400"],
    ["fp8: 800", "fp8: 800, fp4: 700", "FP4 at 700 is slower than FP8 at 800"],
    ["memoryGigabytesPerSecond: 4000", "memoryGigabytesPerSecond: 4", "4 GB/s lies outside 50 to 50000"],
  ])("rejects %s as %s", (from, to, contradiction) => {
    const found = findingsOf(withGpu(from, to)).findings.filter(({ code }) => code === "CAP-123");
    expect(found).toHaveLength(1);
    expect(found[0]?.title).toContain(contradiction);
  });

  it("shows the fact that cannot be true", () => {
    const text = `${soundStack}${ownGpu.replace("fp8: 800", "fp8: 300")}`;
    expect(screenOf(text)).toMatchInlineSnapshot(`
      "config/stack.yaml:24:41  CAP-123  The facts of acme-gpu cannot be true: FP8 at 300 is slower than 16 bits at 400.

        23 |       memoryGigabytesPerSecond: 4000
        24 |       denseTeraflops: { bf16: 400, fp8: 300 }
           |                                         ^^^

        Why: Memory, speed and cost are reckoned from these facts.
        Fix: Memory is in MiB or GiB as the driver and PyTorch report it; bandwidth in GB/s and speed in 10^12 operations a second without sparsity, as the vendor states them.
        More: docs/reference/errors.md#cap-123

      1 error
      "
    `);
  });
});

describe("facts without a date", () => {
  it("are warned of where they are used, once each", () => {
    const text = stackWith(["Qwen/Qwen3-32B", "microsoft/phi-4"], ["maxModelLen: 32768", "maxModelLen: 16384"]);
    expect(screenOf(text)).toMatchInlineSnapshot(`
      "config/stack.yaml:16:36  CAP-124  The facts about the model microsoft/phi-4 come from a source without a date.

        15 |     versions:
        16 |       v1: { weights: { repository: microsoft/phi-4 } }
           |                                    ^^^^^^^^^^^^^^^

        Why: Nobody can tell whether they still hold. The source: public GitHub files, code-index ids 69678342600 and 62872517183.
        Fix: Check them against the repository's config.json and write them under catalog.models.microsoft/phi-4 with \`source\` and \`asOf\`. To accept them, give CAP-124 and the reason under \`silence\`.
        More: docs/reference/errors.md#cap-124

      1 warning
      "
    `);
    expect(codesOf(findingsOf(stackWith(["nvidia-h100-sxm", "nvidia-h100-nvl"])))).toEqual(["CAP-124"]);
  });

  it("are none of the default stack's, and none that is not used", () => {
    expect(codesOf(findingsOf(soundStack))).toEqual([]);
    expect(codesOf(findingsOf(`${soundStack}${ownModel.replace("2026-11-01", "unknown")}`))).toEqual([]);
  });
});
