// Proves: each guard on the synthesized output catches its mutants, alone, and lets its near misses pass.
import type { SynthesizedStack } from "../../../stacks/build.ts";
import { buildStacks } from "../../../stacks/build.ts";
import { describeRules } from "../../support/rule-table.ts";
import { blueprint, model, release } from "../support/blueprint.ts";
import {
  afterAdding,
  afterChanging,
  type Change,
  check,
  codes,
  container,
  existing,
  values,
} from "../support/broken-stacks.ts";
import { sources } from "../support/stacks.ts";

// biome-ignore lint/suspicious/noExplicitAny: mutants reach anywhere into resources whose form is the providers' own.
type Any = any;
type Mutation = (body: Any) => void;

const inJob = (change: Mutation, from = blueprint()) =>
  codes(afterChanging("kubernetes_job_v1", container(change), from));
const inRelease = (change: Mutation, from = blueprint()) => codes(afterChanging("helm_release", change, from));
const inValues = (change: Mutation, from = blueprint()) =>
  codes(afterChanging("helm_release", values(change as Change), from));
const inResource = (type: string, change: Mutation) => codes(afterChanging(type, change));
const labels = (change: object) =>
  inResource("kubernetes_namespace_v1", (body) => Object.assign(body.metadata.labels, change));
const security = (label: string, value: string | undefined) =>
  labels({ [`pod-security.kubernetes.io/${label}`]: value });
const inService = (change: object) => inResource("kubernetes_service_v1", (body) => Object.assign(body.spec, change));
const priority = (name: string) =>
  inResource("kubernetes_priority_class_v1", (body) => {
    body.metadata.name = name;
  });
const added = (type: string, body: object = {}) =>
  codes(afterAdding(type, { metadata: { name: "demo-x", namespace: "demo-trial-inference" }, ...body }));
const chartOf =
  (name: string, given: object): Mutation =>
  (body) => {
    body.chart = `assets/${name}/0123456789abcdef0123456789abcdef`;
    body.values = [JSON.stringify(given)];
  };
const digest = `@sha256:${"5f".repeat(32)}`;

/** What is found after the Terraform JSON of both stacks has changed. */
function inJson(change: (json: Any, stack: SynthesizedStack) => void, from = blueprint()): readonly string[] {
  const stacks = structuredClone(buildStacks(from, sources));
  for (const stack of stacks) change(stack.json, stack);
  return codes(check(stacks, from));
}

const inDefaultDeny = (change: object) =>
  inJson((json) => {
    for (const policy of Object.values(json.resource.kubernetes_network_policy_v1 ?? {}) as Any[]) {
      if (policy.metadata.name === "default-deny") Object.assign(policy.spec, change);
    }
  });
const provider = (version: string | undefined) =>
  inJson((json) => {
    json.terraform.required_providers.kubernetes = { ...json.terraform.required_providers.kubernetes, version };
  });
const named = (...names: readonly string[]) => {
  const models = Object.fromEntries(names.map((name) => [name, model(name, release(name, "v1"))]));
  const from = blueprint({ models });
  return codes(check(buildStacks(from, sources), from));
};
const labelled = (description: string) =>
  inResource("kubernetes_service_v1", (body) => Object.assign(body.metadata.labels, { description }));

describeRules({
  "GRD-101": {
    caught: {
      "no memory limit": () => inJob(({ resources }) => Reflect.deleteProperty(resources.limits, "memory")),
      "no CPU request": () => inJob(({ resources }) => Reflect.deleteProperty(resources.requests, "cpu")),
      "no limit of scratch space": () =>
        inJob(({ resources }) => Reflect.deleteProperty(resources.limits, "ephemeral-storage")),
      "nothing at all": () => inJob((body) => Reflect.deleteProperty(body, "resources")),
    },
    passed: {
      "no CPU limit": () => inJob(({ resources }) => Reflect.deleteProperty(resources.limits, "cpu")),
      "other amounts": () => inJob(({ resources }) => Object.assign(resources.limits, { memory: "1Gi" })),
    },
  },
  "GRD-102": {
    caught: {
      "a tag": () => inJob((body) => Object.assign(body, { image: "registry.example.com/a:v1" }), existing),
      "a short digest": () => inJob((body) => Object.assign(body, { image: "a@sha256:abc" }), existing),
      "a digest before the tag": () => inJob((body) => Object.assign(body, { image: `a${digest}:v1` }), existing),
      "a tag in values": () => inValues((body) => Object.assign(body, { image: "a:v1" }), existing),
      "no image in values": () => inValues((body) => Reflect.deleteProperty(body, "image"), existing),
      "a tag of another chart": () => inRelease(chartOf("orchestrator", { image: "a:v1" }), existing),
    },
    passed: {
      "a tag with a digest": () => inJob((body) => Object.assign(body, { image: `a:v1${digest}` }), existing),
      "a chart that runs nothing": () => inRelease(chartOf("admission-policies", {}), existing),
      "a tag on the local target": () => inJob((body) => Object.assign(body, { image: "a:v1" })),
    },
  },
  "GRD-103": {
    caught: {
      "nothing is enforced": () => security("enforce", undefined),
      "baseline is enforced": () => security("enforce", "baseline"),
      "a version that moves": () => security("enforce-version", "latest"),
      "no audit": () => security("audit", undefined),
    },
    passed: {
      "another pinned version": () => security("enforce-version", "v1.36"),
      "a label more": () => labels({ team: "desk" }),
    },
  },
  "GRD-104": {
    caught: {
      "one direction only": () => inDefaultDeny({ policy_types: ["Ingress"] }),
      "a rule that lets out": () => inDefaultDeny({ egress: [{}] }),
      "a rule that lets in": () => inDefaultDeny({ ingress: [{}] }),
      "some pods only": () => inDefaultDeny({ pod_selector: { match_labels: { app: "a" } } }),
    },
    passed: {
      "directions the other way round": () => inDefaultDeny({ policy_types: ["Egress", "Ingress"] }),
      "empty lists of rules": () => inDefaultDeny({ ingress: [], egress: [] }),
    },
  },
  "GRD-105": {
    caught: {
      "a load balancer": () => inService({ type: "LoadBalancer" }),
      "a node port": () => inService({ type: "NodePort" }),
      "another's name": () => inService({ type: "ExternalName" }),
      "values that ask for one": () => inValues((body) => Object.assign(body, { service: { type: "NodePort" } })),
    },
    passed: {
      "inside the cluster": () => inService({ type: "ClusterIP" }),
      "without an address": () => inService({ cluster_ip: "None" }),
      "the word in a sentence": () => labelled("not-a-LoadBalancer"),
    },
  },
  "GRD-106": {
    caught: {
      "a Secret": () => added("kubernetes_secret_v1", { data: { token: "x" } }),
      "a token in a Job": () => inJob(({ env }) => env.push({ name: "HF_TOKEN", value: "not-a-real-token" })),
      "a key in values": () => inValues((body) => Object.assign(body, { env: { API_KEY: "not-a-real-key" } })),
      "what is shaped like a key": () => labelled(`hf_${"0".repeat(34)}`),
      "a private key": () => labelled("-----BEGIN RSA PRIVATE KEY-----"),
      "a password in an address": () => labelled("postgres://freehold:not-a-real-password@db.example.com/state"),
      "a signed token": () => labelled(`eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.c`),
      "a key in the backend": () =>
        inJson((json) => {
          json.terraform.backend = { pg: { conn_str: "postgres://freehold:not-a-real-password@db.example.com/state" } };
        }),
      "a value beside the reviewed ones": () =>
        inRelease((body) => Object.assign(body, { set_sensitive: [{ name: "token", value: "x" }] })),
      "a variable that the state keeps": () =>
        inJson((json) => Object.assign(json, { variable: { token: { sensitive: true } } })),
      "an output that shows a secret": () =>
        inJson((json) => {
          json.output.token = { value: "x", sensitive: true };
        }),
    },
    passed: {
      "a switch with such a name": () => inValues((body) => Object.assign(body, { env: { USE_TOKEN: "1" } })),
      "a reference": () =>
        inJob(({ env }) =>
          env.push({ name: "HF_TOKEN", value_from: { secret_key_ref: { name: "hub", key: "token" } } }),
        ),
      "a word that begins like a key": () => labelled("hf_hub"),
      "an address with a user": () => labelled("postgres://freehold@db.example.com/state"),
      "an address with a port": () => labelled("https://db.example.com:5432/@state"),
      "a variable that nothing keeps": () =>
        inJson((json) => Object.assign(json, { variable: { token: { sensitive: true, ephemeral: true } } })),
    },
  },
  "GRD-107": {
    caught: {
      "surges beyond": () => inValues((body) => Object.assign(body.rollout, { maxSurge: 6 })),
      "more replicas": () => inValues((body) => Object.assign(body, { replicas: 99 })),
      "larger replicas": () => inValues((body) => Object.assign(body.resources, { gpus: 64 })),
      "a smaller quota": () =>
        inResource("kubernetes_resource_quota_v1", (body) =>
          Object.assign(body.spec.hard, { "requests.nvidia.com/gpu": "1" }),
        ),
    },
    passed: {
      "up to the quota": () => inValues((body) => Object.assign(body.rollout, { maxSurge: 5 })),
      "a larger quota": () =>
        inResource("kubernetes_resource_quota_v1", (body) =>
          Object.assign(body.spec.hard, { "requests.nvidia.com/gpu": "99" }),
        ),
    },
  },
  "GRD-108": {
    caught: {
      "not atomic": () => inRelease((body) => Object.assign(body, { atomic: false })),
      "nobody waits": () => inRelease((body) => Object.assign(body, { wait: false })),
      "neither is said": () =>
        inRelease((body) => {
          Reflect.deleteProperty(body, "atomic");
          Reflect.deleteProperty(body, "wait");
        }),
    },
    passed: {
      "more revisions": () => inRelease((body) => Object.assign(body, { max_history: 20 })),
      "what failed is left": () => inRelease((body) => Object.assign(body, { cleanup_on_fail: false })),
    },
  },
  "GRD-109": {
    caught: {
      "a second too few": () => inRelease((body) => Object.assign(body, { timeout: 1129 })),
      "no time": () => inRelease((body) => Object.assign(body, { timeout: 0 })),
      "no number": () => inRelease((body) => Reflect.deleteProperty(body, "timeout")),
    },
    passed: {
      "a day": () => inRelease((body) => Object.assign(body, { timeout: 86_400 })),
      "the time as text": () => inRelease((body) => Object.assign(body, { timeout: String(body.timeout) })),
    },
  },
  "GRD-110": {
    caught: {
      "no name of the stack": () => priority("gpus-2"),
      "the stack's name in the middle": () => priority("x-demo-gpus"),
      "a longer name that begins alike": () => priority("demos-gpus"),
      "another type": () => added("kubernetes_storage_class_v1", { metadata: { name: "fast" } }),
    },
    passed: {
      "the stack's name in front": () => priority("demo-trial-gpus-2"),
      "a name inside a namespace": () => added("kubernetes_config_map_v1", { metadata: { name: "fast" } }),
    },
  },
  "GRD-111": {
    caught: {
      "a folder": () => inRelease((body) => Object.assign(body, { chart: "/srv/charts/model-server" })),
      "a folder of Windows": () => inRelease((body) => Object.assign(body, { chart: "C:\\charts" })),
      "an address of a file": () => inRelease((body) => Object.assign(body, { chart: "file:///srv/charts" })),
      "a kubeconfig": () =>
        inJson((json) => {
          json.provider.kubernetes = [{ config_path: "/srv/kubeconfig" }];
        }),
    },
    passed: {
      "a folder beside it": () => inRelease((body) => Object.assign(body, { chart: "./charts/model-server" })),
      "a path in a container": () => inJob(({ env }) => env.push({ name: "CACHE", value: "/weights" })),
    },
  },
  "GRD-112": {
    caught: {
      "a model of this name": () => named("vllm"),
      "beside another": () => named("chat", "vllm"),
      "a Service": () => added("kubernetes_service_v1", { metadata: { name: "vllm" }, spec: { type: "ClusterIP" } }),
    },
    passed: {
      "a longer name": () => named("vllm-chat"),
      "a ConfigMap of this name": () => added("kubernetes_config_map_v1", { metadata: { name: "vllm" } }),
    },
  },
  "GRD-113": {
    caught: {
      "a namespace": () => added("kubernetes_namespace"),
      "any manifest": () => added("kubernetes_manifest"),
      "an unversioned Deployment": () => added("kubernetes_deployment"),
    },
    passed: {
      "with its version": () => added("kubernetes_config_map_v1"),
      "with a second version": () => added("kubernetes_horizontal_pod_autoscaler_v2"),
    },
  },
  "GRD-114": {
    caught: {
      "for an existing cluster": () => {
        const local = { ...existing, state: { backend: "local" } } as const;
        return codes(check(buildStacks(local, sources), local));
      },
      "in one stack of two": () =>
        inJson((json, { name }) => {
          if (name === "inference") json.terraform.backend = { local: {} };
        }, existing),
      "with a place": () =>
        inJson((json) => {
          json.terraform.backend = { local: { path: "state.json" } };
        }, existing),
    },
    passed: {
      "on the local target": () => inJson(() => undefined),
      "another backend": () =>
        inJson((json) => {
          json.terraform.backend = { s3: { bucket: "state" } };
        }, existing),
    },
  },
  "GRD-115": {
    caught: {
      "a reference": () => labelled("${terraform.workspace}"),
      "a condition": () => labelled("a %{ if true }b"),
      "at the end": () => labelled("cost: ${"),
    },
    passed: {
      "a doubled sign": () => labelled("$${HOME}"),
      "a doubled per cent": () => labelled("100%%{"),
      "an amount": () => labelled("$5"),
    },
  },
  "GRD-116": {
    caught: {
      "a model called like another's version": () => named("chat", "chat-v1"),
      "called like its headless Service": () => named("chat", "chat-v1-headless"),
      "a Service twice": () =>
        added("kubernetes_service_v1", { metadata: { name: "chat", namespace: "demo-trial-inference" }, spec: {} }),
    },
    passed: {
      "names that begin alike": () => named("chat", "chat-v"),
      "the same name of another kind": () =>
        added("kubernetes_config_map_v1", { metadata: { name: "chat", namespace: "demo-trial-inference" } }),
      "the same name in another namespace": () =>
        added("kubernetes_service_v1", { metadata: { name: "chat", namespace: "other" }, spec: { type: "ClusterIP" } }),
    },
  },
  "GRD-117": {
    caught: {
      "not said": () => inJob(({ security_context: context }) => Reflect.deleteProperty(context, "run_as_non_root")),
      "said to be root": () =>
        inJob(({ security_context: context }) => Object.assign(context, { run_as_non_root: false })),
      "as text": () => inJob(({ security_context: context }) => Object.assign(context, { run_as_non_root: "true" })),
    },
    passed: {
      "with a user": () => inJob(({ security_context: context }) => Object.assign(context, { run_as_user: "2000" })),
      "in a list of one": () => inJob((body) => Object.assign(body, { security_context: [body.security_context] })),
    },
  },
  "GRD-118": {
    caught: {
      none: () => provider(undefined),
      about: () => provider("~> 2.38"),
      "at least": () => provider(">= 2.38.0"),
      "two numbers": () => provider("2.38"),
    },
    passed: {
      "three numbers": () => provider("2.38.0"),
      "another major version": () => provider("3.0.0"),
    },
  },
});
