// Proves: a model whose engine fetches its vocabulary with the first prompt is refused or warned of without that file, and told
// where it lies with it. That an engine then fetches nothing is not proven: no engine runs here.
import { expect, it } from "vitest";
import type { LockedWeights } from "../../config/lock/schema.ts";
import type { ResidencyConfig } from "../../config/schema/index.ts";
import { blueprintFor, decideFor, releaseOf } from "../support/blueprint.ts";
import { existingCluster, lockedWeights, lockFor, modelConfig, stackConfig, versionConfig } from "../support/config.ts";
import { soundResidency } from "../support/residency.ts";
import { describeRules } from "../support/rule-table.ts";

/** A stack that serves a repository, and its lock with these files more. */
function parts(mode: ResidencyConfig["mode"], repository: string, files: LockedWeights["files"]) {
  const image = "registry.example.com/vllm/vllm-openai:v0.33.0";
  const models = { chat: modelConfig({ versions: { v1: versionConfig({ repository, image }) } }) };
  const config = stackConfig({ residency: soundResidency(mode), models, cluster: existingCluster });
  const key = `${repository}@main`;
  const locked = lockedWeights(key);
  const weights = { [key]: { ...locked, files: { ...locked.files, ...files } } };
  return { config: { ...config, state: { backend: "pg" as const } }, lock: lockFor(config, { weights }) };
}

const found =
  (mode: ResidencyConfig["mode"], repository: string, ...files: readonly string[]) =>
  () => {
    const { config, lock } = parts(mode, repository, Object.fromEntries(files.map((name) => [name, { bytes: 1000 }])));
    return decideFor(config, lock)
      .findings.map(({ code }) => code)
      .filter((code) => /^(RES-223|LCK-109)$/.test(code));
  };
const vocabulary = "o200k_base.tiktoken";

describeRules({
  "RES-223": {
    caught: {
      "region-bound": found("region-bound", "openai/gpt-oss-20b"),
      "air-gapped": found("air-gapped", "openai/gpt-oss-120b"),
      "a copy under another owner": found("sovereign", "acme/GPT-OSS-20b-fp8"),
      "a file of another name": found("sovereign", "openai/gpt-oss-20b", "cl100k_base.tiktoken"),
      "a file that ends alike": found("sovereign", "openai/gpt-oss-20b", "not_o200k_base.tiktoken"),
    },
    passed: {
      "with the file": found("air-gapped", "openai/gpt-oss-20b", vocabulary),
      "with the file in a folder": found("region-bound", "openai/gpt-oss-20b", `encodings/${vocabulary}`),
      "another model": found("air-gapped", "Qwen/Qwen3-32B"),
    },
  },
  "LCK-109": {
    caught: {
      "without a residency": found("none", "openai/gpt-oss-20b"),
      "the larger one": found("none", "openai/gpt-oss-120b"),
      "a copy": found("none", "acme/gpt-oss-20b"),
    },
    passed: {
      "with the file": found("none", "openai/gpt-oss-20b", vocabulary),
      "another model": found("none", "Qwen/Qwen3-32B"),
    },
  },
});

it.each([
  [vocabulary, ""],
  [`encodings/${vocabulary}`, "/encodings"],
])("tells the engine where %s lies", (name, folder) => {
  const { config, lock } = parts("none", "openai/gpt-oss-20b", { [name]: { bytes: 1000 } });
  const { environment, weights } = releaseOf(blueprintFor(config, lock));
  expect(environment.find(({ name: each }) => each === "TIKTOKEN_ENCODINGS_BASE")?.value).toBe(
    `/weights/models--openai--gpt-oss-20b/snapshots/${weights.commit}${folder}`,
  );
});

it("tells other engines nothing", () => {
  const { environment } = releaseOf(blueprintFor());
  expect(environment.map(({ name }) => name)).not.toContain("TIKTOKEN_ENCODINGS_BASE");
});
