// Each guard has one stack that passes it, the whole of a real synthesis, and one for each way to break it. Broken are
// the synthesized data, because nothing in this checkout writes such a thing.
import { describe, expect, it } from "vitest";
import { finding } from "../../../config/diagnostics/finding.ts";
import { buildStacks } from "../../../stacks/build.ts";
import { blueprint, model, release } from "../support/blueprint.ts";
import { afterAdding, afterChanging, check, codes, container, existing, values } from "../support/broken-stacks.ts";
import { sources } from "../support/stacks.ts";

describe("the guards", () => {
  it("find nothing in what is synthesized for the local target", () => {
    expect(check(buildStacks(blueprint(), sources))).toEqual([]);
  });

  it("find nothing in what is synthesized for an existing cluster", () => {
    expect(check(buildStacks(existing, sources), existing)).toEqual([]);
  });

  it("point at the version in the stack file that a resource comes from", () => {
    const [found] = afterChanging("helm_release", (body: { atomic: boolean }) => {
      body.atomic = false;
    });
    expect(found).toEqual(
      finding(
        "GRD-108",
        { file: "stack", path: ["models", "chat", "versions", "v1"], token: "value" },
        { release: "chat-v1", setting: "atomic" },
      ),
    );
  });

  it.each(["requests", "limits"] as const)("rejects a container without memory %s (GRD-101)", (side) => {
    const findings = afterChanging(
      "kubernetes_job_v1",
      container(({ resources }) => Reflect.deleteProperty(resources[side], "memory")),
    );
    expect(codes(findings)).toEqual(["GRD-101"]);
  });

  it("rejects a Job's image by tag outside the local target (GRD-102)", () => {
    const byTag = container((body) => {
      body.image = "registry.example.com/vllm:v1";
    });
    expect(codes(afterChanging("kubernetes_job_v1", byTag, existing))).toEqual(["GRD-102"]);
    expect(codes(afterChanging("kubernetes_job_v1", byTag))).toEqual([]);
  });

  it("rejects a release's image by tag outside the local target (GRD-102)", () => {
    const byTag = values((body: { image: string }) => {
      body.image = "registry.example.com/vllm@sha256:abc";
    });
    expect(codes(afterChanging("helm_release", byTag, existing))).toEqual(["GRD-102"]);
  });

  it.each([
    ["without enforcement", { "pod-security.kubernetes.io/enforce": undefined }],
    ["that enforces baseline", { "pod-security.kubernetes.io/enforce": "baseline" }],
    ["whose rules move with the cluster", { "pod-security.kubernetes.io/enforce-version": "latest" }],
  ])("rejects a namespace %s (GRD-103)", (_, labels) => {
    const findings = afterChanging("kubernetes_namespace_v1", (body: { metadata: { labels: object } }) =>
      Object.assign(body.metadata.labels, labels),
    );
    expect(codes(findings)).toEqual(["GRD-103"]);
  });

  it.each([
    ["that denies one direction only", { policy_types: ["Ingress"] }],
    ["whose default policy lets something out", { egress: [{}] }],
  ])("rejects a namespace %s (GRD-104)", (_, change) => {
    const stacks = structuredClone(buildStacks(blueprint(), sources));
    for (const policy of Object.values(stacks[0]?.json.resource.kubernetes_network_policy_v1 ?? {})) {
      const { metadata, spec } = policy as unknown as { metadata: { name: string }; spec: object };
      if (metadata.name === "default-deny") Object.assign(spec, change);
    }
    const findings = check(stacks);
    expect(findings.map(({ code, title }) => [code, title])).toEqual([
      ["GRD-104", "Namespace demo-trial-inference has no NetworkPolicy that denies all egress by default."],
    ]);
  });

  it.each(["LoadBalancer", "NodePort"])("rejects a Service of type %s (GRD-105)", (type) => {
    const findings = afterChanging("kubernetes_service_v1", (body: { spec: { type: string } }) => {
      body.spec.type = type;
    });
    expect(codes(findings)).toEqual(["GRD-105"]);
  });

  it("rejects values that ask a chart for a NodePort (GRD-105)", () => {
    const findings = afterChanging(
      "helm_release",
      values((body: object) => Object.assign(body, { service: { type: "NodePort" } })),
    );
    expect(codes(findings)).toEqual(["GRD-105"]);
  });

  it("rejects a Secret with data (GRD-106)", () => {
    const findings = afterAdding("kubernetes_secret_v1", {
      metadata: { name: "hub", namespace: "demo-trial-inference" },
      data: { token: "not-a-real-token" },
    });
    expect(codes(findings)).toEqual(["GRD-106"]);
  });

  it("rejects a token in a variable of a container, without repeating it (GRD-106)", () => {
    const findings = afterChanging(
      "kubernetes_job_v1",
      container(({ env }) => env.push({ name: "HF_TOKEN", value: "not-a-real-token" })),
    );
    expect(codes(findings)).toEqual(["GRD-106"]);
    expect(JSON.stringify(findings)).not.toContain("not-a-real-token");
  });

  it("rejects a token in a release's environment, and lets switches with such names be (GRD-106)", () => {
    const set = (env: object) => values((body: object) => Object.assign(body, { env }));
    expect(codes(afterChanging("helm_release", set({ API_KEY: "not-a-real-key" })))).toEqual(["GRD-106"]);
    expect(codes(afterChanging("helm_release", set({ HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" })))).toEqual([]);
  });

  it("rejects what is shaped like a key wherever it lies (GRD-106)", () => {
    const findings = afterChanging("helm_release", (body: { name: string }) => {
      body.name = `hf_${"0".repeat(34)}`;
    });
    expect(codes(findings)).toEqual(["GRD-106"]);
  });

  it("rejects releases that surge beyond the quota (GRD-107)", () => {
    const findings = afterChanging(
      "helm_release",
      values((body: { rollout: { maxSurge: number } }) => {
        body.rollout.maxSurge = 6;
      }),
    );
    expect(findings.map(({ code, title }) => [code, title])).toEqual([
      ["GRD-107", "The releases in demo-trial-inference request up to 18 GPUs, and the quota there is 16."],
    ]);
  });

  it.each(["atomic", "wait"])("rejects a release without %s (GRD-108)", (setting) => {
    const findings = afterChanging("helm_release", (body: object) => Object.assign(body, { [setting]: false }));
    expect(codes(findings)).toEqual(["GRD-108"]);
  });

  it("rejects a release that is given up before its engine has started (GRD-109)", () => {
    const findings = afterChanging("helm_release", (body: object) => Object.assign(body, { timeout: 1129 }));
    expect(codes(findings)).toEqual(["GRD-109"]);
  });

  it("rejects a cluster-scoped name without the stack's (GRD-110)", () => {
    const rename = (body: { metadata: { name: string } }) => {
      body.metadata.name = "gpus-2";
    };
    expect(codes(afterChanging("kubernetes_priority_class_v1", rename))).toEqual(["GRD-110"]);
  });

  it.each(["/srv/charts/model-server", "C:\\charts\\model-server", "file:///srv/charts"])(
    "rejects the absolute path %s (GRD-111)",
    (chart) => {
      expect(codes(afterChanging("helm_release", (body: object) => Object.assign(body, { chart })))).toEqual([
        "GRD-111",
      ]);
    },
  );

  it("rejects an absolute path of a kubeconfig or of the state (GRD-111)", () => {
    const stacks = buildStacks(blueprint(), sources).map(({ json, ...stack }) => ({
      ...stack,
      json: {
        ...json,
        provider: { kubernetes: [{ config_path: "/srv/kubeconfig" }] },
        terraform: { ...json.terraform, backend: { local: { path: "/srv/state" } } },
      },
    }));
    expect(codes(check(stacks))).toEqual(["GRD-111", "GRD-111", "GRD-111", "GRD-111"]);
  });

  it("rejects a model named after the engine's own variables (GRD-112)", () => {
    const named = blueprint({ models: { vllm: model("vllm", release("vllm", "v1")) } });
    const findings = check(buildStacks(named, sources));
    expect(findings).toEqual([
      finding(
        "GRD-112",
        { file: "stack", path: ["models", "vllm"], token: "key" },
        { resource: "kubernetes_service_v1 vllm", service: "vllm" },
      ),
    ]);
  });

  it.each(["kubernetes_namespace", "kubernetes_manifest"])("rejects the resource type %s (GRD-113)", (type) => {
    expect(codes(afterAdding(type, { metadata: { name: "demo-x" } }))).toEqual(["GRD-113"]);
  });

  it("rejects local state for an existing cluster (GRD-114)", () => {
    const local = { ...existing, state: { backend: "local" } } as const;
    expect(codes(check(buildStacks(local, sources), local))).toEqual(["GRD-114", "GRD-114"]);
  });

  it.each([
    [undefined, ["GRD-118"]],
    ["~> 2.38", ["GRD-118"]],
    [">= 2.38.0", ["GRD-118"]],
    ["2.38", ["GRD-118"]],
    ["2.38.0", []],
    ["3.0.0", []],
  ])("holds a provider of the version %s against exact ones (GRD-118)", (version, expected) => {
    const stacks = structuredClone(buildStacks(blueprint(), sources));
    Object.assign(stacks[0]?.json.terraform.required_providers.kubernetes ?? {}, { version });
    expect(codes(check(stacks))).toEqual(expected);
  });

  it.each(["${terraform.workspace}", "a %{ if true }b"])(
    "rejects the unescaped template %s (GRD-115)",
    (description) => {
      const findings = afterChanging("kubernetes_service_v1", (body: { metadata: { labels: object } }) =>
        Object.assign(body.metadata.labels, { description }),
      );
      expect(codes(findings)).toEqual(["GRD-115"]);
    },
  );

  it.each([
    ["leaves run_as_non_root out", undefined],
    ["sets run_as_non_root to false", false],
  ])("rejects a Job whose container %s (GRD-117)", (_, runAsNonRoot) => {
    const findings = afterChanging(
      "kubernetes_job_v1",
      container(({ security_context: context }) => {
        if (runAsNonRoot === undefined) Reflect.deleteProperty(context, "run_as_non_root");
        else context.run_as_non_root = runAsNonRoot;
      }),
    );
    expect(findings.map(({ code, place }) => [code, place])).toEqual([
      ["GRD-117", { file: "stack", path: ["models", "chat", "versions", "v1"], token: "value" }],
    ]);
  });

  it("rejects a model whose Service is another version's own (GRD-116)", () => {
    const clash = blueprint({
      models: { chat: model("chat", release("chat", "v1")), "chat-v1": model("chat-v1", release("chat-v1", "v1")) },
    });
    const findings = check(buildStacks(clash, sources));
    expect(findings.map(({ code, place }) => [code, place])).toEqual([
      ["GRD-116", { file: "stack", path: ["models", "chat-v1"], token: "key" }],
    ]);
  });
});
