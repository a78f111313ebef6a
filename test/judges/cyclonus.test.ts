// Proves: what the NetworkPolicies of an example allow is what its Blueprint allows, for every pair of workloads and everything
// outside, judged by an analyser that we did not write. It is one of the compiled tools; where it cannot be had, the test says
// why. That a cluster's network plugin enforces the policies is not proven.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { contains, parseNetwork } from "../../config/network.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import type { Edge, Party } from "../../decisions/residency/facts.ts";
import { ensureTools } from "../../local-cluster/tools.ts";
import { buildStacks } from "../../stacks/build.ts";
import { toManifests } from "../../stacks/manifests.ts";
import { goldenFolder, openExample } from "../stacks/support/example.ts";
import { sources } from "../stacks/support/stacks.ts";
import { testProgress } from "../support/cluster.ts";

type Labels = Readonly<Record<string, string>>;

/** What is read of a rendered object; of a Deployment all of it is there. */
interface Rendered {
  readonly kind?: string;
  readonly metadata: { readonly namespace: string };
  readonly spec: { readonly template: { readonly metadata: { readonly labels: Labels } } };
}

/** Somebody who may open a connection or be reached. Without a namespace it is an address outside the cluster. */
interface Peer {
  readonly name: string;
  readonly ip: string;
  readonly namespace?: string;
  readonly namespaceLabels?: Labels;
  readonly labels?: Labels;
}

/** Ports that are tried beside those that some connection of the stack has. */
const commonPorts = [
  { protocol: "TCP", port: 8000 },
  { protocol: "TCP", port: 3128 },
  { protocol: "TCP", port: 443 },
  { protocol: "TCP", port: 80 },
  { protocol: "TCP", port: 53 },
  { protocol: "UDP", port: 53 },
  { protocol: "UDP", port: 443 },
  { protocol: "TCP", port: 9090 },
] as const;

function portsOf({ residency }: Blueprint): readonly { readonly protocol: "TCP" | "UDP"; readonly port: number }[] {
  const all = [...commonPorts, ...residency.edges.flatMap((edge) => edge.ports)];
  return [...new Map(all.map((each) => [`${each.protocol} ${each.port}`, each])).values()];
}

const run = promisify(execFile);
let folder: string;
let binary: string;
let missing: string | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "freehold-judges-"));
  try {
    binary = (
      await ensureTools(["cyclonus"], {
        cacheDirectory: join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "freehold"),
        progress: testProgress,
        signal: AbortSignal.timeout(280_000),
      })
    ).cyclonus;
  } catch (error) {
    missing = `cyclonus can be neither found nor compiled: ${(error as Error).message}`;
  }
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every workload of a stack, those around it, and addresses outside. Addresses of pods lie in no network of an example. */
function peersOf({ name, environment, namespaces, models, residency }: Blueprint, made: readonly MadePod[]): Peer[] {
  const own = {
    namespace: namespaces.inference,
    namespaceLabels: { "freehold/stack": name, "freehold/environment": environment },
  };
  const releases = Object.values(models).flatMap(({ versions }) => Object.values(versions));
  const client = { "freehold/inference-client": "true" };
  const { value: egress } = residency.egress;
  const proxy = { "app.kubernetes.io/name": "egress-proxy", "app.kubernetes.io/instance": "egress-proxy" };
  const besideProxy =
    egress === null
      ? []
      : [
          { name: "proxy", namespace: egress.namespace, labels: { ...proxy, "freehold/role": "egress-proxy" } },
          { name: "beside the proxy", namespace: egress.namespace, labels: { app: "stray" } },
          { name: "with the proxy's role", labels: { "freehold/role": "egress-proxy" } },
        ];
  const pods: Omit<Peer, "ip">[] = [
    ...releases.map(({ release }) => ({
      ...own,
      name: release,
      labels: { "app.kubernetes.io/name": "model-server", "app.kubernetes.io/instance": release },
    })),
    { ...own, name: "fetch-weights", labels: { "freehold/role": "fetch-weights" } },
    { ...own, name: "stray", labels: { app: "stray" } },
    ...besideProxy.map((pod) => ({ ...own, ...pod })),
    { ...own, name: "client", namespace: `${name}-agents`, labels: client },
    { ...own, name: "no client", namespace: `${name}-agents`, labels: { app: "agent" } },
    {
      name: "client of another stack",
      namespace: "other",
      namespaceLabels: { "freehold/stack": "other" },
      labels: client,
    },
    {
      name: "name server",
      namespace: "kube-system",
      namespaceLabels: { "kubernetes.io/metadata.name": "kube-system" },
      labels: { "k8s-app": "kube-dns" },
    },
    {
      name: "kube-system",
      namespace: "kube-system",
      namespaceLabels: { "kubernetes.io/metadata.name": "kube-system" },
      labels: { app: "other" },
    },
  ];
  const decided = residency.edges
    .flatMap(({ from, to }) => [from, to])
    .flatMap((party) => partyPeer(party, own, made))
    .filter((peer) => !pods.some((pod) => pod.namespace === peer.namespace && holds(peer.labels ?? {}, pod.labels)));
  const services = [namespaces.gateway, namespaces.agents].flatMap((namespace) => namespace ?? []);
  const strays = services.map((namespace) => ({
    ...own,
    namespace,
    name: `stray in ${namespace}`,
    labels: { app: "stray" },
  }));
  const unique = new Map(
    [...pods, ...decided, ...strays].map((pod) => [JSON.stringify([pod.namespace, pod.labels]), pod]),
  );
  return [
    ...[...unique.values()].map((pod, index) => ({
      ...pod,
      // As the API server labels every namespace by itself.
      namespaceLabels: { ...pod.namespaceLabels, "kubernetes.io/metadata.name": pod.namespace ?? "" },
      ip: `172.31.0.${index + 10}`,
    })),
    { name: "name server on the node", ip: "169.254.20.10" },
    { name: "metadata", ip: "169.254.169.254" },
    { name: "outside", ip: "203.0.113.9" },
    { name: "hub in the region", ip: "10.40.1.1" },
    { name: "hub in the hall", ip: "10.60.1.1" },
    { name: "hub in the building", ip: "192.168.40.7" },
  ];
}

/** Pods as a chart makes them, with all their labels. */
type MadePod = Required<Pick<Peer, "namespace" | "labels">>;

/** Pods of a connection as somebody who is tried; those that a chart makes as it makes them. */
function partyPeer(party: Party, own: Pick<Peer, "namespaceLabels">, made: readonly MadePod[]): Omit<Peer, "ip">[] {
  if (party.kind === "pods") {
    const { name, namespace, labels } = party;
    const pod = made.find((each) => each.namespace === namespace && holds(labels, each.labels));
    return [{ ...own, name, namespace, labels: pod?.labels ?? labels }];
  }
  if (party.kind !== "clients") return [];
  const { name, namespaceLabels, labels } = party;
  return [{ name, namespace: namespaceLabels["kubernetes.io/metadata.name"] ?? "callers", namespaceLabels, labels }];
}

const holds = (wanted: Labels, labels: Labels = {}) =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

function isParty(party: Party, { namespace, namespaceLabels, labels, ip }: Peer): boolean {
  switch (party.kind) {
    case "pods":
      return namespace === party.namespace && holds(party.labels, labels);
    case "clients":
      return namespace !== undefined && holds(party.namespaceLabels, namespaceLabels) && holds(party.labels, labels);
    case "dns":
      return ip === "169.254.20.10" || (namespace === "kube-system" && labels?.["k8s-app"] === "kube-dns");
    case "names":
      return false;
    case "networks":
      return party.networks.some(({ cidr, except }) => isIn(ip, cidr) && !except.some((left) => isIn(ip, left)));
  }
}

function isIn(ip: string, cidr: string): boolean {
  const [outer, inner] = [parseNetwork(cidr), parseNetwork(`${ip}/32`)];
  return outer !== null && inner !== null && contains(outer, inner);
}

interface Connection {
  readonly from: Peer;
  readonly to: Peer;
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}

/** Whether a peer lies in one of the stack's namespaces. */
type Owns = (peer: Peer) => boolean;

/** What the Blueprint says: whoever is ours opens and takes only what an edge names; others are not ours to bind. */
function isDecided(edges: readonly Edge[], own: Owns, { from, to, protocol, port }: Connection): boolean {
  const named = (side: "opens" | "takes") =>
    edges.some(
      (edge) =>
        isParty(edge.from, from) &&
        isParty(edge.to, to) &&
        edge.ports.some((each) => each.protocol === protocol && each.port === port) &&
        (side === "opens" || edge.to.kind === "pods"),
    );
  return (!own(from) || named("opens")) && (!own(to) || named("takes"));
}

const end = ({ ip, namespace, namespaceLabels = {}, labels = {} }: Peer) => ({
  IP: ip,
  ...(namespace === undefined
    ? {}
    : { Internal: { Namespace: namespace, NamespaceLabels: namespaceLabels, PodLabels: labels } }),
});

async function judged(
  name: string,
  policies: readonly object[],
  connections: readonly Connection[],
): Promise<boolean[]> {
  const directory = join(folder, name);
  mkdirSync(join(directory, "policies"), { recursive: true });
  // The analyser reads one policy a file.
  policies.forEach((policy, index) => {
    writeFileSync(join(directory, "policies", `${index}.yaml`), JSON.stringify(policy));
  });
  const traffic = connections.map(({ from, to, protocol, port }) => ({
    Source: end(from),
    Destination: end(to),
    Protocol: protocol,
    ResolvedPort: port,
    ResolvedPortName: "",
  }));
  writeFileSync(join(directory, "traffic.json"), JSON.stringify(traffic));
  const words = [
    "analyze",
    "--mode",
    "query-traffic",
    "--policy-path",
    join(directory, "policies"),
    "--traffic-path",
    join(directory, "traffic.json"),
  ];
  const { stdout } = await run(binary, words, { timeout: 120_000, maxBuffer: 2 ** 28 });
  return [...stdout.matchAll(/IS ALLOWED\?\s*\|\s*(TRUE|FALSE)/g)].map(([, verdict]) => verdict === "TRUE");
}

/** Examples without and with a proxy, a gateway, ways in from outside and agents. */
const tried = ["local-trial", "eu-residency", "sovereign", "air-gapped", "canary", "escalation", "agents"];

describe.each(tried)("the policies of %s", (name) => {
  const { blueprint } = openExample(name);
  const { inference, gateway, agents } = blueprint.namespaces;
  const owned = [inference, gateway, agents, blueprint.residency.egress.value?.namespace];
  const own: Owns = ({ namespace }) => namespace !== undefined && owned.includes(namespace);
  const stacks = buildStacks(blueprint, sources).map(({ json }) => toManifests(json));
  const rendered = stacks
    .flatMap(({ releases }) => releases)
    .map(({ name: release }) => release)
    .flatMap((release) => parseAllDocuments(readFileSync(`${goldenFolder(name)}/${release}.manifests.yaml`, "utf8")))
    .map((document) => document.toJS() as Rendered);
  const made = rendered
    .filter((object) => object?.kind === "Deployment")
    .map(({ metadata, spec }) => ({ namespace: metadata.namespace, labels: spec.template.metadata.labels }));
  const peers = peersOf(blueprint, made);
  const connections = peers.flatMap((from) =>
    peers.flatMap((to) =>
      from === to || (!own(from) && !own(to)) ? [] : portsOf(blueprint).map((port) => ({ from, to, ...port })),
    ),
  );
  const policies = [...stacks.flatMap(({ objects }) => objects), ...rendered].filter(
    (object) => object?.kind === "NetworkPolicy",
  );
  const text = ({ from, to, protocol, port }: Connection) => `${from.name} to ${to.name} ${protocol} ${port}`;

  it("allow what the Blueprint allows, and nothing else", async ({ skip }) => {
    if (missing !== null) return skip(missing);
    const verdicts = await judged(name, policies, connections);
    expect(verdicts).toHaveLength(connections.length);
    const allowed = connections.filter((_, index) => verdicts[index]).map(text);
    const decided = connections.filter((connection) => isDecided(blueprint.residency.edges, own, connection)).map(text);
    expect(allowed).toEqual(decided);
    expect(connections.length).toBeGreaterThan(400);
    expect(allowed.length).toBeGreaterThan(4);
    const beyond = /to (metadata|outside)/;
    const outside = allowed.filter((connection) => beyond.test(connection));
    expect(outside).toEqual(blueprint.residency.mode.value === "none" ? ["fetch-weights to outside TCP 443"] : []);
  }, 200_000);

  it("would be caught with one more way out", async ({ skip }) => {
    if (missing !== null) return skip(missing);
    const leak = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "leak", namespace: blueprint.namespaces.inference },
      spec: {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [{ to: [{ ipBlock: { cidr: "169.254.169.254/32" } }] }],
      },
    };
    const verdicts = await judged(`${name}-leak`, [...policies, leak], connections);
    const wrong = connections.filter(
      (connection, index) => verdicts[index] !== isDecided(blueprint.residency.edges, own, connection),
    );
    expect(wrong.length).toBeGreaterThan(0);
    expect(wrong.every(({ to }) => to.name === "metadata")).toBe(true);
  }, 200_000);
});
