/**
 * A model is swapped for its next version against a real Kubernetes control plane: the new one beside the old one, then
 * traffic, then the old one away. Nodes and containers are simulated, so these tests prove scheduling and API behaviour,
 * not that an engine answers.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type DeployedStack,
  deployStack,
  type KubernetesObject,
  type List,
  namespace,
  type StackChanges,
} from "../support/deployed-stack.ts";

let deployed: DeployedStack;

beforeAll(async () => {
  deployed = await deployStack();
});

afterAll(async () => {
  await deployed.remove();
});

/** Helm records that a deployment made, changed or removed, without the fingerprints in their names. */
async function touchedBy(changes: StackChanges): Promise<readonly string[]> {
  const before = await deployed.helmRevisions();
  await deployed.up(changes);
  const after = await deployed.helmRevisions();
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => before[name] !== after[name])
    .map((name) => name.replace(/-[0-9a-f]{8}$/, ""))
    .sort();
}

async function podNames(release: string): Promise<readonly string[]> {
  return (await deployed.podsOf(release)).map(({ metadata }) => metadata.name).sort();
}

const both = { v1: "main", v2: "candidate" };

it("starts the next version beside the one that serves, and touches nothing else but the quota", async () => {
  const [chat, embeddings] = [await podNames("chat-v1"), await podNames("embeddings-v1")];
  expect(await touchedBy({ chatVersions: both })).toEqual([
    "chat-v2",
    "fetch.chat-v2-weights",
    "platform",
    "weights.chat-v2-weights",
  ]);
  expect(await podNames("chat-v2")).toHaveLength(2);
  expect([await podNames("chat-v1"), await podNames("embeddings-v1")]).toEqual([chat, embeddings]);
  expect(await deployed.endpointsOf("chat")).toEqual(chat);
});

it("moves traffic by the stable Service alone, and back at once", async () => {
  const service = async () =>
    (await deployed.get<KubernetesObject>("service", "chat", "--namespace", namespace)).metadata.uid;
  const uid = await service();
  expect(await touchedBy({ chatVersions: both, chatServes: "v2" })).toEqual(["service.chat"]);
  await expect.poll(() => deployed.endpointsOf("chat")).toEqual(await podNames("chat-v2"));
  expect(await touchedBy({ chatVersions: both, chatServes: "v1" })).toEqual(["service.chat"]);
  await expect.poll(() => deployed.endpointsOf("chat")).toEqual(await podNames("chat-v1"));
  expect(await service()).toBe(uid);
});

it("removes the old version with its weights, while the new one goes on serving", async () => {
  await deployed.up({ chatVersions: both, chatServes: "v2" });
  const serving = await podNames("chat-v2");
  expect(await touchedBy({ chatVersions: { v2: "candidate" }, chatServes: "v2" })).toEqual([
    "chat-v1",
    "fetch.chat-v1-weights",
    "platform",
    "weights.chat-v1-weights",
  ]);
  expect(await podNames("chat-v1")).toEqual([]);
  expect(await podNames("chat-v2")).toEqual(serving);
  expect(await deployed.endpointsOf("chat")).toEqual(serving);
  const claims = await deployed.get<List<KubernetesObject>>("persistentvolumeclaims", "--namespace", namespace);
  expect(claims.items.filter(({ metadata }) => metadata.name.startsWith("chat-v1"))).toEqual([]);
});
