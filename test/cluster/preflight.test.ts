/**
 * What is read of a cluster before anything is applied. Here it is a local control plane that stands for somebody's cluster:
 * its API server is real, its nodes and containers are simulated. Whether its network plugin enforces policies is not read.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { load } from "../../config/load.ts";
import { lockText } from "../../config/lock/write.ts";
import { down } from "../../local-cluster/local-cluster.ts";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { gpuNode, noSignal, startClusterIn, type TestCluster } from "../support/cluster.ts";
import { lockFor } from "../support/config.ts";
import { stackWith } from "../support/stack-file.ts";

const directory = path.join(inject("clusterFolder"), "preflight");
const namespace = "support-agents-trial-inference";
const secretValue = "hf_canary0123456789012345678901234567";
let cluster: TestCluster;
let checkout: Checkout;

beforeAll(async () => {
  const labels = { "freehold/node-pool": "h100", "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3" };
  cluster = await startClusterIn(directory, { nodes: [gpuNode({ labels }), gpuNode({ name: "gpu-2", labels })] });
  checkout = newCheckout();
  const text = stackWith(
    ["{ repository: Qwen/Qwen3-32B }", "{ repository: Qwen/Qwen3-32B, tokenSecret: hub-token }"],
    [
      "cluster: { target: local }",
      `cluster: { target: existing, existing: { context: ${cluster.context}, storageClass: freehold-local } }`,
    ],
    ["state: { backend: local }", "state: { backend: pg }"],
  );
  checkout.write("config/stack.yaml", text);
  const { config, findings } = load(text);
  if (config === null) throw new Error(JSON.stringify(findings));
  checkout.write("config/stack.lock.yaml", lockText(lockFor(config)));
}, 900_000);

afterAll(async () => {
  checkout.remove();
  await down({ directory, signal: noSignal });
});

const run = (...args: string[]) =>
  checkout.freehold(["preflight", ...args], {
    environment: { ...process.env, FREEHOLD_STACK: undefined, KUBECONFIG: cluster.kubeconfigPath },
  });

it("says that a Secret is missing, and what the cluster is", async () => {
  const { code, stdout, stderr } = await run();
  expect(code).toBe(1);
  expect(stderr).toContain(`RUN-146  The Secret hub-token with the key \`token\` is not in ${namespace}.`);
  expect(JSON.parse(stdout)).toMatchObject({
    uid: cluster.uid,
    nodes: [
      { name: "gpu-1", gpus: 8, product: "NVIDIA-H100-80GB-HBM3", driver: null },
      { name: "gpu-2", gpus: 8 },
    ],
    storageClasses: [{ name: "freehold-local" }],
    networkPlugins: [],
    secrets: [{ secret: "hub-token", key: "token", isThere: false }],
  });
});

it("tells a Secret with another key from the right one, and reads no value", async () => {
  await cluster.kubectl(["create", "namespace", namespace]);
  await cluster.kubectl([
    "create",
    "secret",
    "generic",
    "hub-token",
    "--namespace",
    namespace,
    `--from-literal=other=${secretValue}`,
  ]);
  expect((await run()).stderr).toContain("RUN-146");
  await cluster.kubectl(["delete", "secret", "hub-token", "--namespace", namespace]);
  await cluster.kubectl([
    "create",
    "secret",
    "generic",
    "hub-token",
    "--namespace",
    namespace,
    `--from-literal=token=${secretValue}`,
  ]);
  const { code, stdout, stderr } = await run("--out", "facts.json");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const facts = readFileSync(path.join(checkout.root, "facts.json"), "utf8");
  expect(JSON.parse(facts)).toMatchObject({ secrets: [{ secret: "hub-token", isThere: true }] });
  expect(`${facts}${stdout}${stderr}`).not.toContain(secretValue);
});
