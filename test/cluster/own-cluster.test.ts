/**
 * A cluster that is already there, as `--context` names it. Here it is a local control plane that another checkout
 * started: a real API server; nodes and containers are simulated.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { preflight } from "../../cli/cluster/preflight.ts";
import { load } from "../../config/load.ts";
import { lockText } from "../../config/lock/write.ts";
import { down, type LocalCluster } from "../../local-cluster/local-cluster.ts";
import { blueprintFor } from "../support/blueprint.ts";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { gpuNode, noSignal, simulatedNode, startClusterIn, testTools } from "../support/cluster.ts";
import { lockFor, stackConfig } from "../support/config.ts";
import { stackWith } from "../support/stack-file.ts";

const directory = join(inject("clusterFolder"), "somebody-elses");
let checkout: Checkout;
let cluster: LocalCluster;

const environment = () => ({ ...process.env, FREEHOLD_STACK: undefined, KUBECONFIG: cluster.kubeconfigPath });
const run = (...args: string[]) => checkout.freehold(args, { environment: environment() });

beforeAll(async () => {
  await testTools();
  const labels = { "freehold/node-pool": "h100" };
  cluster = await startClusterIn(directory, {
    nodes: [gpuNode({ name: "own-1", labels }), simulatedNode({ name: "own-system" })],
  });
  checkout = newCheckout();
  checkout.write("config/stack.yaml", ownStack);
});

const ownStack = stackWith(
  ["name: support-agents", "name: own"],
  ["nodes: { min: 2, max: 2 }", "nodes: { min: 1, max: 1 }"],
);

/** Writes a stack file, and beside it a lock that names nothing real. */
function writeLocked(name: string, text: string): void {
  const { config } = load(text);
  if (config === null) throw new Error("The stack file of the test is not sound.");
  checkout.write(`${name}.yaml`, text);
  checkout.write(`${name}.lock.yaml`, lockText(lockFor(config)));
}

const memory = () => {
  const path = join(checkout.root, ".freehold/clusters.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as object) : {};
};

afterAll(async () => {
  checkout.remove();
  await down({ directory, signal: AbortSignal.timeout(60_000) });
});

describe("npm start -- --context NAME", () => {
  it("refuses tags and branches there, although the file's own target is the local one", async () => {
    const refused = await run("up", "--via", "manifests", "--context", cluster.context, "--yes");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("RUN-145");
    expect(refused.stderr).toContain("Qwen/Qwen3-32B@main");
    writeLocked("config/stack", ownStack);
  });

  it("shows what it would do and asks before it touches somebody's cluster", async () => {
    const asked = await run("up", "--via", "manifests", "--context", cluster.context);
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain("+ own-trial-inference/chat-v1 is installed");
    expect(asked.stderr).toContain("RUN-142");
  });

  it("binds the stack to no cluster by refusing, asking or looking", async () => {
    expect((await run("status", "--context", cluster.context)).code).toBe(1);
    expect(memory()).toEqual({});
  });

  it("deploys there once somebody said yes, without a control plane of its own", async () => {
    const ran = await run("up", "--via", "manifests", "--context", cluster.context, "--yes");
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain(`cluster ${cluster.uid}`);
    expect(ran.stderr).not.toContain("Starting the local cluster");
  });

  it("remembers the cluster by its identity, so that the context is given once", async () => {
    expect(memory()).toEqual({ "own/trial": { context: cluster.context, uid: cluster.uid } });
    const again = await run("up", "--via", "manifests");
    expect(again.code).toBe(0);
    expect(again.stdout).toContain("Nothing had to change.");
  });

  it("rejects a context that leads to another cluster than last time", async () => {
    checkout.write(
      ".freehold/clusters.json",
      JSON.stringify({ "own/trial": { context: cluster.context, uid: "11111111-2222-4333-8444-555555555555" } }),
    );
    const refused = await run("up", "--yes");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("RUN-132  The context");
    expect(refused.stderr).toContain("11111111-2222-4333-8444-555555555555");
    const forgotten = await run("up", "--via", "manifests", "--context", cluster.context, "--forget-cluster", "--yes");
    expect(forgotten.code).toBe(0);
  });

  it("forgets the cluster once the stack is removed from it", async () => {
    expect((await run("destroy", "--yes")).code).toBe(0);
    expect(memory()).toEqual({});
  });
});

describe("what a cluster lacks", () => {
  const access = async () => ({
    context: cluster.context,
    kubeconfigPath: cluster.kubeconfigPath,
    kubectlPath: (await testTools()).kubectl,
    environment: environment(),
    signal: noSignal,
  });

  it("is nothing when its GPUs and its storage class are there", async () => {
    const blueprint = blueprintFor(stackConfig());
    const pools = { h100: Object.values(blueprint.nodePools)[0] };
    expect(Object.keys(pools)).toEqual(["h100"]);
    expect(await preflight(await access(), { ...blueprint, nodePools: {} })).toEqual([]);
  });

  it("is found before anything is applied: GPUs under the pool's label", async () => {
    writeLocked("other", stackWith(["  h100: {", "  a100: {"], ["nodePool: h100", "nodePool: a100"]));
    const refused = await run("up", "other.yaml", "--context", cluster.context, "--yes");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("RUN-143");
    expect(refused.stderr).toContain("offers 0 of the 4 GPUs that nodePools.a100 needs.");
    expect(refused.stderr).toContain("freehold/node-pool=a100");
  });

  it("is found before anything is applied: the storage class of the weights", async () => {
    const blueprint = blueprintFor(stackConfig());
    const elsewhere = { ...blueprint, nodePools: {}, cluster: { ...blueprint.cluster, weightsStorageClass: "shared" } };
    const findings = await preflight(await access(), elsewhere);
    expect(findings.map(({ code, why }) => [code, why])).toEqual([
      ["RUN-144", "Weights are kept on a volume of that class. It has: freehold-local."],
    ]);
  });
});
