/**
 * The admission policies on a real API server, by server-side dry run: it decides everything and creates nothing. The
 * objects of a stack are admitted in every mode, under Pod Security `restricted`; hostile ones are refused with a message
 * that names the rule. Where both would refuse, Pod Security speaks first, so hostile objects are tried in a namespace
 * without it. What containers do, and whether a network plugin enforces policies, is not proven here.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { load } from "../../config/load.ts";
import type { Config, ModelConfig } from "../../config/schema/index.ts";
import { residencyModes } from "../../config/schema/residency.ts";
import { down } from "../../local-cluster/local-cluster.ts";
import { buildStacks } from "../../stacks/build.ts";
import { toManifests } from "../../stacks/manifests.ts";
import { admissionPoliciesValues } from "../../stacks/values/admission-policies.ts";
import { exampleNames } from "../stacks/support/example.ts";
import { decideFor } from "../support/blueprint.ts";
import { noSignal, simulatedNode, startClusterIn, type TestCluster } from "../support/cluster.ts";
import { existingCluster, lockFor, stackConfig } from "../support/config.ts";
import { helm, type Manifest, manifests } from "../support/helm.ts";
import { hostileObjects, hostileWaysOut, nearMisses, open, openToTheWorld, podOf } from "../support/hostile-objects.ts";
import {
  hostileAgentsIngresses,
  hostileBalancers,
  hostileCallers,
  hostileIngresses,
  hostileRoutes,
  nearAgentsIngresses,
  nearBalancers,
  nearCallers,
  nearIngresses,
  nearRoutes,
  strayObjects,
} from "../support/hostile-ways-in.ts";
import { soundResidency, verifier } from "../support/residency.ts";
import { establish, othersDefinitions } from "../support/resource-definitions.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const charts = `${root}charts`;
const directory = path.join(inject("clusterFolder"), "admission");
let cluster: TestCluster;

/** What a stack applies, in the order of its parts. */
interface Stack {
  readonly namespace: string;
  readonly platform: readonly Manifest[];
  readonly inference: readonly Manifest[];
  /** What the charts of models, gateway and agents render. */
  readonly engine: readonly Manifest[];
  /** What the chart of the proxy renders, in a namespace of its own. */
  readonly proxy: readonly Manifest[];
  readonly policies: readonly Manifest[];
}

async function rendered(chart: string, release: string, namespace: string, values: unknown): Promise<Manifest[]> {
  const { code, stdout, stderr } = await helm(
    ["template", release, `${charts}/${chart}`, "--namespace", namespace],
    values,
  );
  expect(code, stderr).toBe(0);
  return Object.values(manifests(stdout));
}

/** A file with the residency of a mode and all that the mode asks for, on a cluster where everything is locked. */
function inMode(config: Config, mode: (typeof residencyModes)[number]): Config {
  const image = "registry.example.com/vllm/vllm-openai:v0.33.0";
  const asked = new Set(Object.values(config.workloads ?? {}).map(({ model }) => model));
  const models = Object.entries(config.models).map(([name, model]): [string, ModelConfig] => {
    const versions = Object.entries(model.versions).map(([key, version]) => [key, { ...version, image }] as const);
    // A model that only routing asks has no load once that is left out.
    const isSized = model.replicas !== undefined || asked.has(name);
    return [name, { ...model, ...(isSized ? {} : { replicas: 1 }), versions: Object.fromEntries(versions) }];
  });
  // Whether a model outside may be asked depends on where it is, which the files say for their own regions.
  const { routing, ...inside } = config;
  return {
    ...inside,
    ...(mode === "none" && routing !== undefined ? { routing } : {}),
    environment: mode.replaceAll("-", ""),
    cluster: existingCluster,
    state: { backend: "pg" },
    residency: soundResidency(mode, mode === "none" ? { sources: {} } : { signatures: verifier }),
    models: Object.fromEntries(models),
    ...(config.gateway === undefined
      ? {}
      : { gateway: { ...config.gateway, image: "registry.example.com/freehold/gateway:0.1.0" } }),
    ...(config.agents === undefined
      ? {}
      : { agents: { ...config.agents, image: "registry.example.com/freehold/orchestrator:0.1.0" } }),
  };
}

async function stackOf(config: Config): Promise<Stack> {
  const { blueprint, findings } = decideFor(config, lockFor(config));
  if (blueprint === null) throw new Error(JSON.stringify(findings));
  const chart = (name: string) => ({ path: `assets/${name}`, version: "0.1.0", bytes: 1000 });
  const sources = {
    cdktfVersion: "0.0.0",
    admissionPolicies: chart("admission-policies"),
    egressProxy: chart("egress-proxy"),
    modelServer: chart("model-server"),
    gateway: chart("gateway"),
    orchestrator: chart("orchestrator"),
    wayIn: chart("way-in"),
  };
  const [platform, inference, agents] = buildStacks(blueprint, sources).map(({ json }) => toManifests(json));
  const namespace = blueprint.namespaces.inference;
  const engines = [];
  for (const { name, values, chartPath, namespace: own } of [
    ...(inference?.releases ?? []),
    ...(agents?.releases ?? []),
  ]) {
    engines.push(...(await rendered(path.basename(chartPath), name, own, values)));
  }
  const proxies = [];
  for (const { name, namespace: own, values } of platform?.releases ?? []) {
    if (name === "egress-proxy") proxies.push(...(await rendered("egress-proxy", name, own, values)));
  }
  return {
    namespace,
    proxy: proxies,
    platform: [...(platform?.objects ?? [])],
    inference: [...(inference?.objects ?? [])],
    engine: engines,
    policies: await rendered("admission-policies", "policies", namespace, admissionPoliciesValues(blueprint)),
  };
}

/** The examples, each under a name of its own, and the stack that hostile objects are made from. */
const files: Readonly<Record<string, Config>> = {
  desk: stackConfig(),
  balanced: stackConfig({
    name: "balanced",
    gateway: {
      keys: { secret: "gateway-keys", key: "keys.json" },
      tenants: { support: {} },
      exposure: {
        by: "google-load-balancer",
        host: "llm.example.com",
        tls: { secret: "llm-tls" },
        sourceRanges: ["10.20.0.0/16"],
      },
    },
  }),
  // The certificate of its way in is made by cert-manager.
  made: stackConfig({
    name: "made",
    gateway: {
      keys: { secret: "gateway-keys", key: "keys.json" },
      tenants: { support: {} },
      exposure: {
        by: "ingress",
        host: "llm.example.com",
        class: "traefik",
        tls: { secret: "llm-tls", issuer: { kind: "ClusterIssuer", name: "own-ca" } },
        controller: { namespace: "traefik", labels: { app: "traefik" } },
      },
    },
  }),
  ...Object.fromEntries(
    exampleNames().map((name, index) => {
      const { config, findings } = load(readFileSync(`${root}examples/${name}/stack.yaml`));
      if (config === null) throw new Error(JSON.stringify(findings));
      return [name, { ...config, name: `example${index}` }];
    }),
  ),
};
const cases = Object.keys(files).flatMap((file) => residencyModes.map((mode) => [file, mode] as const));

const ciliumDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "ciliumnetworkpolicies.cilium.io" },
  spec: {
    group: "cilium.io",
    names: { kind: "CiliumNetworkPolicy", plural: "ciliumnetworkpolicies" },
    scope: "Namespaced",
    versions: [
      {
        name: "v2",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

let stacks: Readonly<Record<string, Stack>>;

/** The engine of the region-bound stack. */
const engineOf = (): Manifest => stacks["desk region-bound"]?.engine.find(({ kind }) => kind === "Deployment");

const listOf = (items: readonly Manifest[]) => ({ apiVersion: "v1", kind: "List", items });
const apply = (items: readonly Manifest[]) => cluster.kubectl(["apply", "--filename", "-"], listOf(items));
const attempt = (item: Manifest) => cluster.tryKubectl(["create", "--dry-run=server", "--filename", "-"], item);

const verbs = [
  "get",
  "list",
  "watch",
  "create",
  "update",
  "patch",
  "delete",
  "deletecollection",
  "impersonate",
  "bind",
  "escalate",
];
/** What is reached through an object: running commands, ports, tokens, scale, removal. */
const subresources = [
  ["pods", "exec"],
  ["pods", "attach"],
  ["pods", "portforward"],
  ["pods", "proxy"],
  ["pods", "log"],
  ["pods", "ephemeralcontainers"],
  ["pods", "eviction"],
  ["services", "proxy"],
  ["nodes", "proxy"],
  ["serviceaccounts", "token"],
].map(([name = "", subresource = ""]) => ({ group: "", name, subresource }));
/** Rights that the API server gives to whoever has a name. */
const ofEverybody = [
  "create authentication.k8s.io/selfsubjectreviews",
  "create authorization.k8s.io/selfsubjectaccessreviews",
  "create authorization.k8s.io/selfsubjectrulesreviews",
];

/** A stack with a proxy, a gateway and agents. */
const withEverything = "agents region-bound";
const namespaceOf = (account: string) => account.split(":")[0];

/** `deployments.apps` as a resource and its group. */
function resourceOf(kind: string): { readonly group: string; readonly name: string; readonly subresource: null } {
  const [name = "", ...group] = kind.split(".");
  return { group: group.join("."), name, subresource: null };
}

beforeAll(async () => {
  cluster = await startClusterIn(directory, { nodes: [simulatedNode()] });
  const made: [string, Stack][] = [];
  for (const [file, mode] of cases) {
    made.push([`${file} ${mode}`, await stackOf(inMode(files[file] as Config, mode))]);
  }
  stacks = Object.fromEntries(made);
  await establish(cluster, await othersDefinitions());
  for (const { platform, policies } of Object.values(stacks)) await apply([...platform, ...policies]);
  // Its definitions alone, without fields: the policies have to read whatever a plugin's objects hold.
  await apply([ciliumDefinition]);
  await apply([
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: open, labels: { "freehold/stack": "desk", "freehold/environment": "regionbound" } },
    },
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: openToTheWorld, labels: { "freehold/stack": "desk", "freehold/environment": "none" } },
    },
    ...["other", "fetch-weights"].map((name) => ({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name, namespace: open },
    })),
  ]);
  // The API server takes policies up within a second or two.
  await vi.waitFor(
    async () => {
      const { stderr } = await attempt(podOf(engineOf(), (spec) => Object.assign(spec, { hostPID: true })));
      if (!stderr.includes("GRD-201")) throw new Error(`The policies are not in force: ${stderr}`);
    },
    { timeout: 60_000, interval: 500 },
  );
  for (const { engine, proxy, inference } of Object.values(stacks)) {
    await apply([...engine, ...proxy, ...inference].filter(({ kind }) => kind === "ServiceAccount"));
  }
}, 900_000);

afterAll(async () => {
  await down({ directory, signal: noSignal });
});

describe.each(cases)("%s under %s", (file, mode) => {
  const stack = () => stacks[`${file} ${mode}`] as Stack;

  it("is admitted as a whole", async () => {
    const { engine, proxy, inference } = stack();
    expect(proxy.length > 0).toBe(mode === "region-bound" || mode === "sovereign");
    const items = [...engine, ...proxy, ...inference].filter(({ kind }) => kind !== "ServiceAccount");
    const { code, stderr } = await attempt(listOf(items));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("has pods that Pod Security and the policies admit", async () => {
    const { engine: chart, proxy, inference } = stack();
    const makers = [...chart, ...proxy, ...inference].filter(({ kind }) => ["Deployment", "Job"].includes(kind));
    expect(makers.length).toBeGreaterThanOrEqual(2);
    const pods = makers.map((maker, index) => {
      const { metadata, spec } = maker.spec.template;
      const kind = maker.kind === "Job" ? "Job" : "ReplicaSet";
      const apiVersion = kind === "Job" ? "batch/v1" : "apps/v1";
      const owner = { apiVersion, kind, name: "x", uid: "00000000-0000-0000-0000-000000000000" };
      const owned = { ownerReferences: [owner] };
      return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { ...metadata, ...owned, name: `made-${index}`, namespace: maker.metadata.namespace },
        spec,
      };
    });
    const { code, stderr } = await attempt(listOf(pods));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("the pod that hostile ones are made from", () => {
  it("is admitted, so that it is the change which is refused", async () => {
    expect(await attempt(podOf(engineOf()))).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("the API server refuses", () => {
  it("at least thirty objects and requests, each by the name of its rule", () => {
    expect(hostileObjects(engineOf).length).toBeGreaterThanOrEqual(30);
  });

  it.each([...hostileObjects(engineOf), ...hostileWaysOut(engineOf)])("%s: %s", async (code, _, make) => {
    const { code: exit, stderr } = await attempt(make());
    expect(exit).toBe(1);
    expect(stderr).toContain(code);
  });

  it.each(nearMisses)("nothing in %s", async (_, make) => {
    expect(await attempt(make())).toMatchObject({ code: 0, stderr: "" });
  });
});

/** An object of a stack, with one change. */
function changed(stack: string, kind: string, name: string, change: (object: Manifest) => void): Manifest {
  const found = stacks[stack]?.engine.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`${stack} has no ${kind} ${name}.`);
  const copy = structuredClone(found);
  change(copy);
  return copy;
}

describe.each([
  ["HTTPRoute", "gateway-way-in", "eu-residency region-bound", hostileRoutes, nearRoutes],
  ["Ingress", "gateway-way-in", "canary region-bound", hostileIngresses, nearIngresses],
  ["Ingress", "orchestrator-way-in", "agents region-bound", hostileAgentsIngresses, nearAgentsIngresses],
  ["Service", "gateway-way-in", "balanced region-bound", hostileBalancers, nearBalancers],
])("of ways in, the API server lets through the %s %s that was decided", (kind, name, stack, hostile, near) => {
  it.each(hostile)("and none with %s", async (_, change) => {
    const { code, stderr } = await attempt(changed(stack, kind, name, change));
    expect(code).toBe(1);
    expect(stderr).toContain("GRD-216");
  });

  it.each(near)("and with %s", async (_, change) => {
    expect(await attempt(changed(stack, kind, name, change))).toMatchObject({ code: 0, stderr: "" });
  });

  it("and none in another namespace of the stack", async () => {
    const elsewhere = changed(stack, kind, name, ({ metadata }) =>
      Object.assign(metadata, { namespace: metadata.namespace.replace(/-(gateway|agents)$/, "-inference") }),
    );
    expect((await attempt(elsewhere)).stderr).toContain("GRD-216");
  });
});

describe("behind a load balancer, the API server lets in callers from the networks that were decided", () => {
  const policy = (change: (object: Manifest) => void) =>
    attempt(changed("balanced region-bound", "NetworkPolicy", "gateway-callers", change));

  it.each(hostileCallers)("and not %s", async (_, change) => {
    const { code, stderr } = await policy(change);
    expect(code).toBe(1);
    expect(stderr).toContain("GRD-215");
  });

  it.each(nearCallers)("and %s", async (_, change) => {
    expect(await policy(change)).toMatchObject({ code: 0, stderr: "" });
  });

  it("and has room for that load balancer alone", async () => {
    const service = changed("balanced region-bound", "Service", "gateway-way-in", () => undefined);
    const quota = ["get", "resourcequota", "gpus", "--namespace", service.metadata.namespace, "--output", "json"];
    expect(JSON.parse(await cluster.kubectl(quota)).spec.hard).toMatchObject({
      "services.loadbalancers": "1",
      "services.nodeports": "0",
    });
    // Not a dry run: what is there counts against the quota, and a port of nodes would be refused by it.
    await apply([service]);
  });
});

describe("where no way in was decided, the API server refuses", () => {
  it.each(strayObjects(open))("%s", async (_, object) => {
    const { code, stderr } = await attempt(object);
    expect(code).toBe(1);
    expect(stderr).toContain("GRD-216");
  });
});

describe("in a namespace of the stack", () => {
  const namespace = "desk-regionbound-inference";

  it("a service account may not run commands in a pod, nor anybody add a container", async () => {
    await cluster.kubectl([
      "create",
      "clusterrolebinding",
      "robot",
      "--clusterrole=cluster-admin",
      "--serviceaccount=default:robot",
    ]);
    const running = podOf(engineOf(), (spec, metadata) => {
      metadata.name = "running";
      metadata.namespace = namespace;
      spec.serviceAccountName = "chat-v1";
    });
    await cluster.kubectl(["create", "--filename", "-"], running);
    const exec = ["--namespace", namespace, "exec", "running", "--", "id"];
    const robot = await cluster.tryKubectl(["--as=system:serviceaccount:default:robot", ...exec]);
    expect(robot.stderr).toContain("GRD-230");
    const person = await cluster.tryKubectl(exec);
    expect(person.stderr).not.toContain("GRD-230");
    const debug = await cluster.tryKubectl([
      "--namespace",
      namespace,
      "debug",
      "running",
      "--image=busybox",
      "--profile=restricted",
    ]);
    expect(debug.stderr).toContain("GRD-231");
  });

  it("each service account can do exactly what everybody can: ask who it is and what it may do", async () => {
    const { engine: chart, proxy, inference, platform } = stacks[withEverything] as Stack;
    const made = [...chart, ...proxy, ...inference, ...platform].filter(({ kind }) => kind === "ServiceAccount");
    const namespaces = platform.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
    const accounts = [
      ...made.map(({ metadata }) => `${metadata.namespace}:${metadata.name}`),
      // The one that the cluster makes in each namespace.
      ...namespaces.map((each) => `${each}:default`),
    ];
    const ofStack = namespaces.map((each: string) => each.replace(/-[a-z]+$/, ""))[0];
    expect(accounts.map((account) => account.replace(`${ofStack}-`, "")).sort()).toEqual([
      "agents:default",
      "agents:orchestrator",
      "egress:default",
      "egress:egress-proxy",
      "gateway:default",
      "gateway:gateway",
      "inference:chat-v1",
      "inference:default",
      "inference:fetch-weights",
    ]);
    const kinds = (await cluster.kubectl(["api-resources", "--output=name"])).trim().split("\n");
    const resources = [...kinds.map(resourceOf), ...subresources];
    expect(resources.length).toBeGreaterThan(60);
    const questions = accounts.flatMap((account) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => ({
          account,
          resource,
          verb,
          text: `${account}: ${verb} ${resource.group}/${resource.name}`,
        })),
      ),
    );
    const asked = await cluster.kubectl(
      ["create", "--filename", "-", "--output", 'jsonpath={.status.allowed}{"\\n"}'],
      listOf(
        questions.map(({ account, resource: { name, group, subresource }, verb }) => ({
          apiVersion: "authorization.k8s.io/v1",
          kind: "SubjectAccessReview",
          spec: {
            user: `system:serviceaccount:${account}`,
            groups: [
              "system:serviceaccounts",
              `system:serviceaccounts:${namespaceOf(account)}`,
              "system:authenticated",
            ],
            resourceAttributes: {
              namespace: namespaceOf(account),
              verb,
              group,
              resource: name,
              ...(subresource === null ? {} : { subresource }),
            },
          },
        })),
      ),
    );
    const answers = asked.trim().split("\n");
    expect(answers).toHaveLength(questions.length);
    const allowed = questions.filter((_, index) => answers[index] === "true").map(({ text }) => text);
    expect(allowed.sort()).toEqual(
      accounts.flatMap((account) => ofEverybody.map((right) => `${account}: ${right}`)).sort(),
    );
  }, 600_000);

  it("holds for this stack alone", async () => {
    const elsewhere = await cluster.tryKubectl([
      "create",
      "--dry-run=server",
      "--namespace",
      "default",
      "service",
      "nodeport",
      "door",
      "--tcp=80",
    ]);
    expect(elsewhere).toMatchObject({ code: 0 });
  });
});
