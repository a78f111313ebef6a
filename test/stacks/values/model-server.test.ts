import { describe, expect, it } from "vitest";
import { modelServerSelector, modelServerValues } from "../../../stacks/values/model-server.ts";
import { modelServerSchema } from "../../../stacks/values/model-server-schema.ts";
import { exampleCommit, exampleDigest, releaseBlueprint } from "../../support/release-blueprint.ts";

const context = { stack: "support-agents", environment: "trial", gateway: null };

describe("values of a model server", () => {
  it("are what the chart's schema accepts", () => {
    expect(modelServerSchema.safeParse(modelServerValues(releaseBlueprint(), context)).error).toBeUndefined();
  });

  it("name the repository first and give switches no value", () => {
    expect(modelServerValues(releaseBlueprint(), context).args).toEqual([
      "Qwen/Qwen3-32B",
      "--revision",
      exampleCommit,
      "--tensor-parallel-size",
      "2",
      "--disable-log-requests",
    ]);
  });

  it("carry sizes as the quantities the API server hands back", () => {
    const whole = releaseBlueprint({ cpu: { value: { requestMillicores: 8000 }, because: [] } });
    expect(modelServerValues(whole, context).resources).toEqual({
      gpus: 2,
      cpu: "8",
      memory: "96Gi",
      sharedMemory: "11Gi",
    });
    expect(modelServerValues(releaseBlueprint(), context).resources.cpu).toBe("7500m");
  });

  it("accept a tag and a branch only while one of the two is unlocked", () => {
    const { image, weights } = releaseBlueprint();
    const tag = { ...image.value, digest: null, deployed: image.value.reference };
    const branch = { ...weights, commit: null, deployedRevision: "main" };
    expect(modelServerValues(releaseBlueprint(), context).allowUnlocked).toBe(false);
    expect(modelServerValues(releaseBlueprint({ image: { value: tag, because: [] } }), context)).toMatchObject({
      allowUnlocked: true,
      image: "registry.example.com/vllm/vllm-openai:v0.33.0",
    });
    expect(modelServerValues(releaseBlueprint({ weights: branch }), context)).toMatchObject({
      allowUnlocked: true,
      image: `registry.example.com/vllm/vllm-openai@${exampleDigest}`,
      weights: { revision: "main" },
    });
  });

  it("hold no reasons and nothing of the token's Secret", () => {
    const { weights } = releaseBlueprint();
    const text = JSON.stringify(
      modelServerValues(releaseBlueprint({ weights: { ...weights, tokenSecret: "hub-token" } }), context),
    );
    expect(text).not.toContain("because");
    expect(text).not.toContain("hub-token");
  });
});

describe("selector of a model server", () => {
  it("names the release and nothing that changes with a revision", () => {
    expect(modelServerSelector(releaseBlueprint())).toEqual({
      "app.kubernetes.io/name": "model-server",
      "app.kubernetes.io/instance": "chat-v1",
    });
  });
});
