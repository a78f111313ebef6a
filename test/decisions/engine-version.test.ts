import { describe, expect, it } from "vitest";
import type { ResidencyConfig } from "../../config/schema/index.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import { decide } from "../../decisions/decide.ts";
import { decideFor } from "../support/blueprint.ts";
import { lockFor, modelConfig, stackConfig, versionConfig } from "../support/config.ts";
import { soundResidency } from "../support/residency.ts";

const withImage = (image: string) =>
  stackConfig({ models: { chat: modelConfig({ versions: { v1: versionConfig({ image }) } }) } });
const codesFor = (image: string) => decideFor(withImage(image)).findings.map(({ code }) => code);

describe("the engine's version", () => {
  it.each([
    { tag: "v0.17.9", codes: ["CAP-109"] },
    { tag: "v0.18.0", codes: ["CAP-110"] },
    { tag: "v0.31.9", codes: ["CAP-110"] },
    { tag: "v0.32.0", codes: [] },
    { tag: "v0.33.0", codes: [] },
    { tag: "v0.33.0-cu130", codes: [] },
    { tag: "v1.0.0", codes: [] },
    { tag: "nightly", codes: [] },
  ])("is held against its options and its advisories: $tag", ({ tag, codes }) => {
    expect(codesFor(`docker.io/vllm/vllm-openai:${tag}`)).toEqual(codes);
  });

  it("rejects an engine that does not know its options, and names them", () => {
    const [found] = decideFor(withImage("docker.io/vllm/vllm-openai:v0.15.0")).findings;
    expect(found?.title).toBe(
      "The engine in docker.io/vllm/vllm-openai:v0.15.0 does not know --disable-access-log-for-endpoints, --shutdown-timeout.",
    );
  });

  it("does not take the tags of somebody's own image for releases of vLLM", () => {
    expect(codesFor("registry.test/team/inference:v0.1.0")).toEqual([]);
  });

  it("says that a tag which is no release could not be checked", () => {
    const { blueprint } = decideFor(withImage("registry.test/team/vllm:ours"));
    const reasons = blueprint?.models.chat?.versions.v1?.image.because.map(({ path }) => path);
    expect(reasons).toContain("catalog.engines.vllm.flagsSince");
  });
});

describe("the age of the advisories", () => {
  it.each([
    { name: "the last day", asOf: "2027-01-27", codes: [] },
    { name: "a day later", asOf: "2027-01-28", codes: ["CAP-111"] },
    { name: "no date at all", asOf: "unknown", codes: [] },
  ])("is told after 90 days: $name", ({ asOf, codes }) => {
    const config = stackConfig();
    const { findings } = decide(config, lockFor(config), catalog, { asOf, lockHash: null });
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });

  it("is told of the proxy as well, where the stack has one", () => {
    const titles = (residency: ResidencyConfig) => {
      const config = stackConfig({ residency });
      const { findings } = decide(config, lockFor(config), catalog, { asOf: "2026-12-29", lockHash: null });
      return findings.filter(({ code }) => code === "CAP-111").map(({ title }) => title);
    };
    expect(titles(soundResidency("region-bound"))).toEqual([
      "The list of security advisories for Envoy is 91 days old.",
    ]);
    expect(titles(soundResidency("none", { egress: {} }))).toHaveLength(1);
    expect(titles(soundResidency("none"))).toEqual([]);
    expect(titles(soundResidency("air-gapped"))).toEqual([]);
  });
});
