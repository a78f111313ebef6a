// Proves that the manifests say what the Terraform says, in the API's own field names; a cluster test applies them
// with strict field validation.
import { describe, expect, it } from "vitest";
import type { TerraformJson } from "../../stacks/build.ts";
import { kinds } from "../../stacks/manifests/kinds.ts";
import { type KubernetesObject, toManifests } from "../../stacks/manifests.ts";
import { blueprint, model, release } from "./support/blueprint.ts";
import { stacksOf } from "./support/stacks.ts";

const gated = release("chat", "v1", { weights: { tokenSecret: "hub" } });
const { platform, inference } = stacksOf(blueprint({ models: { chat: model("chat", gated) } }));
const objects = [platform, inference].flatMap((json) => toManifests(json).objects);

function object(kind: string, name?: string): KubernetesObject {
  const found = objects.filter((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} objects of ${kind}, one is expected.`);
  return only;
}

/** A stack with one more resource. */
function withResource(type: string, body: object): TerraformJson {
  const added = { "//": { metadata: { path: "inference/added", uniqueId: "added" } }, ...body };
  return { ...inference, resource: { ...inference.resource, [type]: { added } } } as TerraformJson;
}

describe("manifests", () => {
  it("come in the order a cluster needs them", () => {
    const order = (json: TerraformJson) => toManifests(json).objects.map(({ kind }) => kind);
    expect(order(platform)).toEqual([
      "Namespace",
      "PriorityClass",
      "ResourceQuota",
      "LimitRange",
      "NetworkPolicy",
      "NetworkPolicy",
    ]);
    expect(order(inference)).toEqual([
      "ServiceAccount",
      "ConfigMap",
      "ConfigMap",
      "PersistentVolumeClaim",
      "Job",
      "Service",
    ]);
  });

  it("hold an object for every Kubernetes resource of the stacks", () => {
    const count = [platform, inference]
      .flatMap(({ resource }) => Object.entries(resource))
      .filter(([type]) => type in kinds)
      .reduce((sum, [, all]) => sum + Object.keys(all).length, 0);
    expect(objects).toHaveLength(count);
  });

  it("leave out what only Terraform knows", () => {
    const text = JSON.stringify(objects);
    for (const word of ["//", "depends_on", "wait_", "timeouts", "lifecycle"]) expect(text).not.toContain(`"${word}`);
  });

  it("carry no name in Terraform's spelling outside the user's own maps", () => {
    const keys = (value: unknown): string[] =>
      typeof value !== "object" || value === null
        ? []
        : Object.entries(value).flatMap(([key, item]) => [...(Array.isArray(value) ? [] : [key]), ...keys(item)]);
    const snake = objects.flatMap(keys).filter((key) => /^[a-z]+(_[a-z0-9]+)+$/.test(key));
    expect(snake).toEqual([]);
  });

  it("have a namespace with its labels", () => {
    expect(object("Namespace")).toMatchObject({
      apiVersion: "v1",
      metadata: {
        name: "demo-trial-inference",
        labels: { "freehold/stack": "demo", "pod-security.kubernetes.io/enforce": "restricted" },
      },
    });
  });

  it("have ports of policies as numbers", () => {
    expect(object("NetworkPolicy", "fetch-weights")).toMatchObject({
      spec: {
        podSelector: { matchLabels: { "freehold/role": "fetch-weights" } },
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
                podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
              },
              { ipBlock: { cidr: "169.254.20.10/32" } },
            ],
            ports: [
              { port: 53, protocol: "UDP" },
              { port: 53, protocol: "TCP" },
            ],
          },
          {
            to: [
              { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } },
              { ipBlock: { cidr: "::/0", except: ["fd00:ec2::254/128"] } },
            ],
            ports: [{ port: 443, protocol: "TCP" }],
          },
        ],
      },
    });
  });

  it("deny everything by default with an empty selector", () => {
    expect(object("NetworkPolicy", "default-deny").spec).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
  });

  it("have a quota and defaults in the API's plural", () => {
    expect(object("ResourceQuota").spec).toEqual({
      hard: { "requests.nvidia.com/gpu": "16", "services.loadbalancers": "0", "services.nodeports": "0" },
    });
    expect(object("LimitRange").spec).toEqual({
      limits: [
        {
          type: "Container",
          default: { memory: "256Mi", "ephemeral-storage": "1Gi" },
          defaultRequest: { cpu: "100m", memory: "256Mi", "ephemeral-storage": "256Mi" },
        },
      ],
    });
  });

  it("have a priority class whose value lies at the top", () => {
    expect(object("PriorityClass")).toMatchObject({ apiVersion: "scheduling.k8s.io/v1", value: 1002 });
  });

  it("have a Job in the API's names, numbers where the API wants numbers", () => {
    expect(object("Job")).toMatchObject({
      apiVersion: "batch/v1",
      spec: {
        backoffLimit: 3,
        activeDeadlineSeconds: 3600,
        template: {
          metadata: { labels: { "freehold/role": "fetch-weights" } },
          spec: {
            restartPolicy: "Never",
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: { runAsNonRoot: true, runAsUser: 2000, runAsGroup: 2000, fsGroup: 2000 },
            tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
            containers: [
              {
                name: "fetch",
                env: expect.arrayContaining([
                  { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hub", key: "token" } } },
                ]),
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                },
                volumeMounts: expect.arrayContaining([{ name: "weights", mountPath: "/weights" }]),
              },
            ],
            volumes: expect.arrayContaining([
              { name: "weights", persistentVolumeClaim: { claimName: "chat-v1-weights" } },
              { name: "script", configMap: { name: expect.any(String), defaultMode: 0o444 } },
              { name: "tmp", emptyDir: { sizeLimit: "512Mi" } },
            ]),
          },
        },
      },
    });
  });

  it("have a Service that finds its port by name", () => {
    expect(object("Service").spec).toMatchObject({
      type: "ClusterIP",
      ports: [{ name: "http", port: 8000, targetPort: "http", protocol: "TCP" }],
    });
  });

  it("list releases with what Helm has to be told", () => {
    const [found, ...others] = toManifests(inference).releases;
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      name: "chat-v1",
      namespace: "demo-trial-inference",
      chartPath: "assets/model-server/0123456789abcdef0123456789abcdef",
      timeoutSeconds: 2400,
      atomic: true,
      values: { stack: "demo", model: "chat", version: "v1" },
    });
  });

  it("rejects a resource type that the table does not know", () => {
    expect(() => toManifests(withResource("kubernetes_secret_v1", {}))).toThrow(
      "kubernetes_secret_v1 has no counterpart in stacks/manifests/kinds.ts.",
    );
  });

  it("rejects a field that the table does not know", () => {
    const body = { metadata: { name: "a" }, spec: { type: "ClusterIP", external_ips: ["192.0.2.1"] } };
    expect(() => toManifests(withResource("kubernetes_service_v1", body))).toThrow(
      "kubernetes_service_v1.spec.external_ips has no counterpart in stacks/manifests/kinds.ts.",
    );
  });

  it("rejects a list where there can be one block", () => {
    const body = { metadata: [{ name: "a" }] };
    expect(() => toManifests(withResource("kubernetes_service_v1", body))).toThrow(
      "kubernetes_service_v1.metadata is not a single block.",
    );
  });
});
