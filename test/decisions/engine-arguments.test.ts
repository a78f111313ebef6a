import { describe, expect, it } from "vitest";
import { catalog } from "../../decisions/catalog/index.ts";
import { imageRelease, isBelowFloor } from "../../decisions/version-floor.ts";
import { blueprintFor, releaseOf } from "../support/blueprint.ts";
import { modelConfig } from "../support/config.ts";

const flags = (overrides: Parameters<typeof modelConfig>[0] = {}) => {
  const release = releaseOf(blueprintFor({ models: { chat: modelConfig(overrides) } }));
  return { release, values: Object.fromEntries(release.engineArguments.map(({ flag, value }) => [flag, value])) };
};

describe("vLLM options", () => {
  it("are all that decides memory, identity and shutdown, written out", () => {
    const { release, values } = flags({ drainTimeout: "30s", tensorParallelSize: 2, gpuMemoryUtilization: 0.85 });
    expect(values).toEqual({
      "--disable-access-log-for-endpoints": "/health,/metrics,/v1/models",
      "--enable-auto-tool-choice": null,
      "--enable-prefix-caching": null,
      "--gpu-memory-utilization": "0.85",
      "--host": "0.0.0.0",
      "--kv-cache-dtype": "auto",
      "--max-model-len": "8192",
      "--max-num-batched-tokens": "8192",
      "--max-num-seqs": "256",
      "--port": "8000",
      "--revision": release.weights.commit,
      "--runner": "generate",
      "--served-model-name": "chat",
      "--shutdown-timeout": "30",
      "--tensor-parallel-size": "2",
      "--tokenizer-revision": release.weights.commit,
      "--tool-call-parser": "hermes",
    });
  });

  it("name the pooling runner for embeddings", () => {
    expect(flags({ task: "embed" }).values["--runner"]).toBe("pooling");
  });

  it("ask for the revision as written while it is unlocked", () => {
    const release = releaseOf(blueprintFor({}, null));
    expect(release.engineArguments.find(({ flag }) => flag === "--revision")?.value).toBe("main");
  });

  it("are in the order of their names, so that a diff shows one line for one change", () => {
    const { release } = flags();
    const names = release.engineArguments.map(({ flag }) => flag);
    expect(names).toEqual([...names].sort());
  });

  it("are known to the release that is the default image", () => {
    const tag = catalog.engines.vllm.image.split(":v").at(-1) ?? "";
    const minor = (version: string) => Number(version.split(".")[1]);
    for (const { version } of Object.values(catalog.engines.vllm.flagsSince)) {
      expect(minor(tag)).toBeGreaterThanOrEqual(minor(version));
    }
    const known = imageRelease(catalog.engines.vllm.image, catalog.floors);
    expect(known !== null && !isBelowFloor(known)).toBe(true);
  });
});

describe("engine environment", () => {
  it("is offline and silent, and carries no secret and no switch of the development surface", () => {
    const { release } = flags();
    const environment = Object.fromEntries(release.environment.map(({ name, value }) => [name, value]));
    expect(environment).toEqual({
      DO_NOT_TRACK: "1",
      HF_HUB_CACHE: "/weights",
      HF_HUB_DISABLE_IMPLICIT_TOKEN: "1",
      HF_HUB_DISABLE_TELEMETRY: "1",
      HF_HUB_OFFLINE: "1",
      TRANSFORMERS_OFFLINE: "1",
      VLLM_MEDIA_URL_ALLOW_REDIRECTS: "0",
      VLLM_NO_USAGE_STATS: "1",
    });
  });

  it("says why each variable and option is there", () => {
    const { release } = flags();
    for (const { because } of [...release.environment, ...release.engineArguments]) {
      expect(because.length).toBeGreaterThan(0);
      expect(because.every(({ text }) => text.length > 20)).toBe(true);
    }
  });
});
