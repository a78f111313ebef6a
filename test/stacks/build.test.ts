import { describe, expect, it } from "vitest";
import { buildStacks } from "../../stacks/build.ts";
import { withAgents } from "../support/agents.ts";
import { blueprintFor } from "../support/blueprint.ts";
import { blueprint, model, release } from "./support/blueprint.ts";
import { onlyResource, resourcesOf, sources, stacksOf } from "./support/stacks.ts";

const chat = model("chat", release("chat", "v1"));

/** Addresses of a stack's resources, as Terraform keeps them in its state. */
function addresses(from: Parameters<typeof stacksOf>[0]): string[] {
  const { inference } = stacksOf(from);
  return Object.entries(inference.resource).flatMap(([type, all]) => Object.keys(all).map((id) => `${type}.${id}`));
}

describe("the stacks of a Blueprint", () => {
  it("are applied platform first", () => {
    expect(buildStacks(blueprint(), sources).map(({ name, dependencies }) => [name, dependencies])).toEqual([
      ["platform", []],
      ["inference", ["platform"]],
    ]);
  });

  it("end with the agents, where there are any, behind the gateway that these ask", () => {
    const stacks = buildStacks(blueprintFor(withAgents()), sources);
    expect(stacks.map(({ name, dependencies }) => [name, dependencies])).toEqual([
      ["platform", []],
      ["inference", ["platform"]],
      ["agents", ["inference"]],
    ]);
    const [, , agents] = stacks;
    if (agents === undefined) throw new Error("There is no stack of agents.");
    expect(onlyResource<{ name: string; namespace: string }>(agents.json, "helm_release")).toMatchObject({
      name: "orchestrator",
      namespace: "desk-test-agents",
      atomic: true,
      timeout: 2 * (150 + 180) + 60,
    });
  });

  it("keep every address when a model is inserted before another", () => {
    const before = addresses(blueprint({ models: { chat } }));
    const after = addresses(blueprint({ models: { assistant: model("assistant", release("assistant", "v1")), chat } }));
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.length).toBeGreaterThan(before.length);
  });

  it("keep every address when a version is added", () => {
    const before = addresses(blueprint({ models: { chat } }));
    const after = addresses(
      blueprint({ models: { chat: model("chat", release("chat", "v1"), release("chat", "v2")) } }),
    );
    expect(after).toEqual(expect.arrayContaining(before));
  });

  it("name no cluster-scoped object that a second stack in the cluster has as well", () => {
    const other = blueprint({
      name: "other",
      namespaces: { inference: "other-trial-inference", gateway: null, agents: null },
      priorityClasses: [{ name: "other-trial-gpus-2", gpusPerReplica: 2, value: 1002 }],
    });
    const names = [blueprint(), other].map(({ ...from }) => {
      const { platform } = stacksOf(from);
      return ["kubernetes_namespace_v1", "kubernetes_priority_class_v1"].flatMap((type) =>
        Object.values(resourcesOf(platform, type)).map(({ metadata }) => (metadata as { name: string }).name),
      );
    });
    expect(names).toEqual([
      ["demo-trial-inference", "demo-trial-gpus-2"],
      ["other-trial-inference", "other-trial-gpus-2"],
    ]);
  });

  it("refer to nothing across stacks", () => {
    for (const { json } of buildStacks(blueprint(), sources)) {
      expect(JSON.stringify(json)).not.toContain("terraform_remote_state");
    }
  });
});

describe("a model version", () => {
  const { inference } = stacksOf();

  it("is released as a whole, with its values as one string of JSON with sorted keys", () => {
    const body = onlyResource<{ values: [string] }>(inference, "helm_release");
    expect(body).toMatchObject({ name: "chat-v1", atomic: true, wait: true, timeout: 2400, max_history: 10 });
    const keys = Object.keys(JSON.parse(body.values[0]));
    expect(keys).toEqual([...keys].sort());
  });

  it("is released once its weights are there, and after nothing else", () => {
    const [job] = Object.keys(inference.resource.kubernetes_job_v1 ?? {});
    expect(onlyResource(inference, "helm_release")).toMatchObject({ depends_on: [`kubernetes_job_v1.${job}`] });
  });

  it("is removed only after the Service has moved to another version", () => {
    expect(onlyResource(inference, "helm_release")).toMatchObject({ lifecycle: { create_before_destroy: true } });
  });

  it("is removed without waiting for its successor when the pool cannot hold both", () => {
    const tight = { ...chat, overlap: { ...chat.overlap, value: { gpus: 4, fits: false } } };
    const stacks = stacksOf(blueprint({ models: { chat: tight } }));
    expect(onlyResource(stacks.inference, "helm_release")).not.toHaveProperty("lifecycle");
  });

  it("has its weights on a claim that all replicas mount", () => {
    expect(onlyResource(inference, "kubernetes_persistent_volume_claim_v1")).toMatchObject({
      wait_until_bound: false,
      spec: {
        access_modes: ["ReadWriteMany"],
        storage_class_name: "freehold-local",
        resources: { requests: { storage: "80Gi" } },
      },
    });
  });

  it("fetches its weights in a Job that ends by its own deadline before Terraform gives up", () => {
    expect(onlyResource(inference, "kubernetes_job_v1")).toMatchObject({
      wait_for_completion: true,
      timeouts: { create: "3660s", update: "3660s" },
      spec: { active_deadline_seconds: 3600 },
    });
  });

  it("hands the hub's token to the Job as a reference", () => {
    const gated = release("chat", "v1", { weights: { tokenSecret: "hub" } });
    const job = onlyResource<FetchJob>(
      stacksOf(blueprint({ models: { chat: model("chat", gated) } })).inference,
      "kubernetes_job_v1",
    );
    expect(job.spec.template.spec.container[0].env).toContainEqual({
      name: "HF_TOKEN",
      value_from: { secret_key_ref: { key: "token", name: "hub" } },
    });
  });

  it("gets another Job when the image changes, and the same one when replicas do", () => {
    const jobName = (changes: Parameters<typeof release>[2]) =>
      onlyResource<{ metadata: { generate_name: string } }>(
        stacksOf(blueprint({ models: { chat: model("chat", release("chat", "v1", changes)) } })).inference,
        "kubernetes_job_v1",
      ).metadata.generate_name;
    const value = {
      reference: "registry.example.com/vllm:other",
      digest: null,
      deployed: "registry.example.com/vllm:other",
      bytes: null,
    };
    expect(jobName({ image: { value, because: [] } })).not.toBe(jobName({}));
    expect(jobName({ replicas: { value: 1, because: [] } })).toBe(jobName({}));
  });

  it("keeps the Job's name within the label that pods carry it in", () => {
    const long = release("chat", "v1", { weights: { claim: `${"a".repeat(62)}b` } });
    const job = onlyResource<{ metadata: { generate_name: string } }>(
      stacksOf(blueprint({ models: { chat: model("chat", long) } })).inference,
      "kubernetes_job_v1",
    );
    const charactersOfTheServer = 5;
    expect(job.metadata.generate_name.length + charactersOfTheServer).toBe(63);
  });
});

describe("a model's Service", () => {
  const versions = [release("chat", "v1"), release("chat", "v2")] as const;
  const service = (servingVersion: string) =>
    onlyResource<{ depends_on: string[]; spec: { selector: object } }>(
      stacksOf(blueprint({ models: { chat: { ...model("chat", ...versions), servingVersion } } })).inference,
      "kubernetes_service_v1",
    );

  it("selects the pods of the version that serves", () => {
    expect(service("v2").spec.selector).toEqual({
      "app.kubernetes.io/name": "model-server",
      "app.kubernetes.io/instance": "chat-v2",
    });
  });

  it("moves only after the release of that version", () => {
    expect(service("v2").depends_on).toEqual([
      expect.stringMatching(/^helm_release\.models_chat_versions_v2_release_/),
    ]);
  });
});

interface FetchJob {
  readonly spec: {
    readonly template: { readonly spec: { readonly container: [{ readonly env: readonly object[] }] } };
  };
}
