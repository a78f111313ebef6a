import { describe, expect, it } from "vitest";
import { blueprintFor, decideFor, releaseOf } from "../support/blueprint.ts";
import { existingCluster, lockedWeights, lockFor, modelConfig, stackConfig, versionConfig } from "../support/config.ts";

const gib = 2 ** 30;
const seen = (decision: ReturnType<typeof decideFor>) =>
  decision.findings.map(({ code, severity }) => [code, severity]);

describe("use of the lock", () => {
  const config = stackConfig({ cluster: existingCluster });

  it("has nothing to say when everything is locked", () => {
    const { blueprint, findings } = decideFor(config);
    expect(findings).toEqual([]);
    expect(blueprint?.lockHash).toBe("f".repeat(64));
  });

  it("rejects an existing cluster without a lock, in one finding", () => {
    const { blueprint, findings } = decideFor(config, null);
    expect(findings.map(({ code, why }) => [code, why])).toEqual([
      [
        "LCK-104",
        "Tags and branches can be moved after the review. 1 image reference and 1 model reference of this file are open.",
      ],
    ]);
    expect(blueprint).toBeNull();
  });

  it("warns on the local target, where containers are simulated", () => {
    const decision = decideFor(stackConfig(), null);
    expect(seen(decision)).toEqual([
      ["LCK-107", "warning"],
      ["LCK-108", "warning"],
    ]);
    expect(decision.blueprint?.lockHash).toBeNull();
  });

  it("rejects an image and weights that the lock does not have", () => {
    const decision = decideFor(config, lockFor(config, { images: {}, weights: {} }));
    expect(seen(decision)).toEqual([
      ["LCK-101", "error"],
      ["LCK-102", "error"],
    ]);
    expect(decision.findings.map(({ place }) => ("path" in place ? place.path.join(".") : null))).toEqual([
      "models.chat.engine",
      "models.chat.versions.v1.weights.repository",
    ]);
  });

  it("rejects a lock that belongs to another stack file, and points at both", () => {
    const { findings } = decideFor(config, lockFor(config, { stack: "desk/production" }));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      code: "LCK-103",
      title: "The lock file belongs to desk/production; this stack is desk/test.",
      place: { file: "lock", path: ["stack"] },
      also: [{ path: ["name"] }],
    });
  });

  it("takes nothing from a lock that belongs to another stack file, on the local target too", () => {
    const local = stackConfig();
    expect(seen(decideFor(local, lockFor(local, { stack: "other/test" })))).toEqual([["LCK-103", "error"]]);
  });

  it("warns of entries that nothing uses", () => {
    const lock = lockFor(config);
    const leftover = { ...lock.weights, "acme/old@main": lockedWeights("acme/old@main") };
    const { findings, blueprint } = decideFor(config, { ...lock, weights: leftover });
    expect(findings).toMatchObject([
      {
        code: "LCK-105",
        severity: "warning",
        place: { file: "lock", path: ["weights", "acme/old@main"], token: "key" },
      },
    ]);
    expect(blueprint).not.toBeNull();
  });

  it("rejects a lock that has another commit than the full one in the file", () => {
    const revision = "0123456789".repeat(4);
    const pinned = stackConfig({ models: { chat: modelConfig({ versions: { v1: versionConfig({ revision }) } }) } });
    expect(seen(decideFor(pinned))).toEqual([["LCK-106", "error"]]);
    const key = `Qwen/Qwen3-8B@${revision}`;
    const agreeing = lockFor(pinned, { weights: { [key]: { ...lockedWeights(key), commit: revision } } });
    expect(seen(decideFor(pinned, agreeing))).toEqual([]);
  });

  it("names an open reference once, however many versions use it", () => {
    const models = { chat: modelConfig({ versions: { v1: versionConfig(), v2: versionConfig() } }) };
    expect(seen(decideFor(stackConfig({ models }), null))).toEqual([
      ["LCK-107", "warning"],
      ["LCK-108", "warning"],
    ]);
  });
});

describe("image", () => {
  it("is deployed by the lock's digest, without the tag", () => {
    const { image } = releaseOf(blueprintFor());
    expect(image.value.reference).toBe("docker.io/vllm/vllm-openai:v0.33.0");
    expect(image.value.deployed).toMatch(/^docker\.io\/vllm\/vllm-openai@sha256:[0-9a-f]{64}$/);
    expect(image.because.map(({ path }) => path)).toEqual([
      "catalog.engines.vllm.image",
      "lock.images.docker.io/vllm/vllm-openai:v0.33.0",
    ]);
  });

  it("keeps a registry's port when the tag comes off", () => {
    const versions = { v1: versionConfig({ image: "registry.test:5000/team/vllm:v1" }) };
    const { image } = releaseOf(blueprintFor({ models: { chat: modelConfig({ versions }) } }));
    expect(image.value.deployed).toMatch(/^registry\.test:5000\/team\/vllm@sha256:/);
  });

  it("is deployed by its tag while it is unlocked", () => {
    const { image } = releaseOf(blueprintFor({}, null));
    expect(image.value).toMatchObject({ digest: null, deployed: "docker.io/vllm/vllm-openai:v0.33.0" });
  });
});

describe("weights", () => {
  const weightsOf = (overrides: Parameters<typeof versionConfig>[0], locked: boolean) => {
    const models = { chat: modelConfig({ versions: { v1: versionConfig(overrides) } }) };
    return releaseOf(blueprintFor({ models }, locked ? undefined : null)).weights;
  };

  it("are fetched and served by the lock's commit, file by file", () => {
    const weights = weightsOf({}, true);
    expect(weights.deployedRevision).toBe(weights.commit);
    expect(weights.files.map(({ name }) => name)).toEqual([
      "config.json",
      "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors",
    ]);
    expect(weights.claim).toBe(`chat-v1-weights-${weights.commit?.slice(0, 8)}`);
  });

  it("get a volume of another name when the revision changes, locked or not", () => {
    const main = weightsOf({}, false);
    const tagged = weightsOf({ revision: "v2" }, false);
    expect(main.claim).toMatch(/^chat-v1-weights-[0-9a-f]{8}$/);
    expect(tagged.claim).not.toBe(main.claim);
  });

  it.each([
    {
      name: "the lock's files first",
      overrides: { size: "99GiB" },
      locked: true,
      bytes: 16 * gib + 1024,
      path: "lock.weights",
    },
    {
      name: "then the file's own figure",
      overrides: { size: "15GiB" },
      locked: false,
      bytes: 15 * gib,
      path: "models.chat",
    },
    { name: "then the catalog", overrides: {}, locked: false, bytes: 16_381_452_288, path: "catalog.models" },
  ])("take their size from $name", ({ overrides, locked, bytes, path }) => {
    const { bytes: size } = weightsOf(overrides, locked);
    expect(size.value).toBe(bytes);
    expect(size.because[0]?.path.startsWith(path)).toBe(true);
  });

  it.each([
    { name: "a model that nobody knows", overrides: { repository: "acme/own" } },
    {
      name: "a model whose parameters the configuration does not tell",
      overrides: { repository: "deepseek-ai/DeepSeek-V4-Flash" },
    },
    { name: "a size of nothing", overrides: { repository: "acme/own", size: "0GiB" } },
  ])("rejects $name when no size is given", ({ overrides }) => {
    const models = { chat: modelConfig({ versions: { v1: versionConfig(overrides) } }) };
    const { blueprint, findings } = decideFor(stackConfig({ models }), null);
    expect(findings.filter(({ severity }) => severity === "error").map(({ code }) => code)).toEqual(["CAP-105"]);
    expect(blueprint).toBeNull();
  });

  it.each([
    { name: "a tenth more than 10 GiB", size: "10GiB", claimGiB: 11 },
    { name: "the next whole GiB", size: "10.1GiB", claimGiB: 12 },
    { name: "never less than one", size: "1MiB", claimGiB: 1 },
  ])("get a volume with room: $name", ({ size, claimGiB }) => {
    expect(weightsOf({ size }, false).claimBytes.value).toBe(claimGiB * gib);
  });

  it("have at least half an hour to be fetched, and twice the time at 50 MiB/s", () => {
    expect(weightsOf({ size: "10GiB" }, false).fetchTimeoutSeconds.value).toBe(1800);
    expect(weightsOf({ size: "50GiB" }, false).fetchTimeoutSeconds.value).toBe(2048);
  });

  it("name the secret of a gated repository, never its content", () => {
    expect(weightsOf({ tokenSecret: "hub-token" }, true).tokenSecret).toBe("hub-token");
  });
});
