import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Config } from "../../config/schema/index.ts";
import { stackFile } from "../../config/schema/index.ts";
import { explain } from "../../decisions/explain.ts";
import { decideFor } from "../support/blueprint.ts";
import { lockFor, modelConfig, poolConfig, stackConfig, versionConfig } from "../support/config.ts";

function explained(config: Config, lock: Parameters<typeof decideFor>[1]): string {
  const { blueprint, hosting, findings } = decideFor(config, lock);
  if (blueprint === null) throw new Error("the stack has no Blueprint");
  return explain(blueprint, hosting, findings);
}

const locked = (overrides: Partial<Config>) => {
  const config = stackConfig(overrides);
  return explained(config, lockFor(config));
};

describe("explain", () => {
  it("reads as a design note of the default stack", async () => {
    const text = readFileSync(new URL("../../config/stack.yaml", import.meta.url), "utf8");
    const note = explained(stackFile.parse(parse(text)), null);
    await expect(note).toMatchFileSnapshot("explanation.default-stack.md");
  });

  it("says first what a roll-out costs where nothing is spare", () => {
    const note = locked({ models: { chat: modelConfig({ replicas: 16 }) } });
    expect(note).toContain(
      "A roll-out costs capacity where no GPUs are spare: chat-v1 keeps 93 % while one replica is replaced.",
    );
  });

  it.each([
    { name: "room", nodes: { min: 2, max: 2 }, replicas: 8, text: "everything finds room on 1 of 2." },
    {
      name: "room after a node has joined",
      nodes: { min: 1, max: 2 },
      replicas: 8,
      text: "A further node, up to 2, has to join first.",
    },
    {
      name: "no room",
      nodes: { min: 2, max: 2 },
      replicas: 9,
      text: "Some replicas wait until the node is back or replaced",
    },
  ])("says what the loss of a node means: $name", ({ nodes, replicas, text }) => {
    const nodePools = { h100: poolConfig({ nodes }) };
    expect(locked({ nodePools, models: { chat: modelConfig({ replicas }) } })).toContain(text);
  });

  it("says once what holds for every release, and each release's own figures with it", () => {
    const note = locked({ models: { chat: modelConfig(), judge: modelConfig({ replicas: 3 }) } });
    expect(note.match(/\*\*Stopping: within 120 s\.\*\*/g)).toHaveLength(1);
    expect(note.indexOf("**Stopping")).toBeGreaterThan(note.indexOf("## The same for every release"));
    expect(note).toContain("**Replicas: 3 of 1 GPU.**");
  });

  it("keeps everything with the release where there is only one", () => {
    const note = locked({});
    expect(note).not.toContain("## The same for every release");
    expect(note).toContain("**Stopping: within 120 s.**");
  });

  it("names what could not be checked", () => {
    const versions = { v1: versionConfig({ repository: "acme/own", image: "registry.test/team/vllm:ours" }) };
    const note = locked({ models: { chat: modelConfig({ versions }) } });
    expect(note).toContain("whether 1 divides the attention heads of acme/own; the catalog does not know the model.");
    expect(note).toContain("the engine's version, which the tag of registry.test/team/vllm:ours does not tell.");
    expect(note).not.toContain("is not locked");
  });

  it("prints silenced warnings with their reasons", () => {
    expect(locked({ silence: { "CAP-107": "the judge may be away at night" } })).toContain(
      "## Silenced warnings\n\n- CAP-107: the judge may be away at night",
    );
  });

  it("has no figure that was not written", () => {
    expect(locked({ models: { chat: modelConfig(), judge: modelConfig({ tensorParallelSize: 4 }) } })).not.toMatch(
      /undefined|NaN|null|\[object/,
    );
  });
});
