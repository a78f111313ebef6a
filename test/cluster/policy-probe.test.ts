/**
 * The course of a probe on a real API server, with its rules, its quotas and its cleaning up. No node takes the pods: what a
 * kubelet would report of them is written through the API, so each outcome is tried. That a network plugin is judged rightly is
 * not proven here: none runs. The program in the pods is tried in test/cli/cluster/policy-probe.test.ts.
 */
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import type { ClusterAccess } from "../../cli/cluster/kubectl.ts";
import { measureEnforcement } from "../../cli/cluster/policy-probe.ts";
import { load } from "../../config/load.ts";
import { lockText } from "../../config/lock/write.ts";
import { down } from "../../local-cluster/local-cluster.ts";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { gpuNode, noSignal, startClusterIn, type TestCluster, testTools } from "../support/cluster.ts";
import { lockFor } from "../support/config.ts";
import { stackWith } from "../support/stack-file.ts";

const directory = path.join(inject("clusterFolder"), "policy-probe");
const image = `registry.example.com/vllm/vllm-openai@sha256:${"5f".repeat(32)}`;
let cluster: TestCluster;
let kubectlPath: string;

beforeAll(async () => {
  // GPUs for the stack, and no processor time for a probe's pods: nothing but the test reports of them.
  const labels = { "freehold/node-pool": "h100", "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3" };
  const full = { labels, cpuMillicores: 10 };
  cluster = await startClusterIn(directory, { nodes: [gpuNode(full), gpuNode({ ...full, name: "gpu-2" })] });
  kubectlPath = (await testTools()).kubectl;
}, 900_000);

afterAll(async () => {
  await down({ directory, signal: noSignal });
});

const access = (signal: AbortSignal = noSignal): ClusterAccess => ({
  context: cluster.context,
  kubeconfigPath: cluster.kubeconfigPath,
  kubectlPath,
  environment: process.env,
  signal,
});
const measure = (options: object = {}, signal?: AbortSignal) =>
  measureEnforcement(access(signal), {
    image,
    tolerations: [],
    timeoutSeconds: 60,
    intervalMilliseconds: 100,
    ...options,
  });

interface Pods {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly namespace: string } }[];
}

/** Plays the kubelet until it is stopped: the server becomes ready, each client ends with its code, and others wait for a reason. */
function play(
  exitCodes: Readonly<Record<string, number>>,
  waiting: Readonly<Record<string, { readonly reason: string; readonly message: string }>> = {},
): { stop(): Promise<void> } {
  let isOver = false;
  const done = (async () => {
    while (!isOver) {
      const text = await cluster.kubectl(["get", "pods", "--all-namespaces", "--selector=probe", "--output=json"]);
      for (const { metadata } of (JSON.parse(text) as Pods).items) {
        const code = exitCodes[metadata.name];
        const reason = waiting[metadata.name];
        if (code === undefined && reason === undefined) continue;
        const container = { name: "probe", image, imageID: "", restartCount: 0 };
        const status =
          reason !== undefined
            ? { containerStatuses: [{ ...container, ready: false, state: { waiting: reason } }] }
            : metadata.name === "server"
              ? {
                  phase: "Running",
                  podIP: "10.9.9.9",
                  podIPs: [{ ip: "10.9.9.9" }],
                  conditions: [{ type: "Ready", status: "True" }],
                }
              : {
                  phase: code === 0 ? "Succeeded" : "Failed",
                  containerStatuses: [{ ...container, ready: false, state: { terminated: { exitCode: code } } }],
                };
        // The probe may have removed the pod in between.
        await cluster.tryKubectl([
          "patch",
          "pod",
          metadata.name,
          `--namespace=${metadata.namespace}`,
          "--subresource=status",
          "--type=merge",
          `--patch=${JSON.stringify({ status })}`,
        ]);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await done;
    },
  };
}

const sound = { server: 0, uninvited: 7, held: 7, control: 0 };
const probes = async () =>
  (await cluster.kubectl(["get", "namespaces", "--selector=freehold/policy-probe", "--output=name"]))
    .split("\n")
    .filter((name) => name !== "");

// Removing a namespace takes the API server seconds, so that each test does not wait for its own.
afterAll(async () => {
  await vi.waitFor(async () => expect(await probes()).toEqual([]), { timeout: 60_000, interval: 500 });
});

describe("a probe", () => {
  it.each([
    ["finds policies enforced", sound, "enforced", /only the one that may/],
    ["sees that nothing stops who may not come in", { ...sound, uninvited: 0 }, "not enforced", /into a pod$/],
    ["sees that nothing stops who may not go out", { ...sound, held: 0 }, "not enforced", /out of a pod$/],
    [
      "sees that nothing is stopped",
      { ...sound, held: 0, uninvited: 0 },
      "not enforced",
      /into a pod and out of a pod/,
    ],
    [
      "does not take a dead network for a closed one",
      { ...sound, control: 7 },
      "not measured",
      /did not reach each other/,
    ],
    [
      "does not take a broken image for a closed network",
      { ...sound, uninvited: 127 },
      "not measured",
      /ended with 127/,
    ],
    [
      "does not take a pod without a network for a stopped one",
      { ...sound, held: 8 },
      "not measured",
      /client held of the probe reached no port of its server/,
    ],
  ] as const)("%s", async (_, outcome, state, reason) => {
    const kubelet = play(outcome);
    try {
      expect(await measure()).toEqual({ state, reason: expect.stringMatching(reason) });
    } finally {
      await kubelet.stop();
    }
  });

  it("ends in its time where no node takes its pods", async () => {
    const { state, reason } = await measure({ timeoutSeconds: 4 });
    expect({ state, reason }).toEqual({
      state: "not measured",
      reason: expect.stringMatching(/^the server of the probe did not start within 4 s: 0\/2 nodes are available/),
    });
  });

  it("gives up on a pod that fails to start, in its kubelet's words", async () => {
    const kubelet = play({}, { server: { reason: "ImagePullBackOff", message: "pull failed: no such host." } });
    try {
      expect(await measure({ patienceSeconds: 1 })).toEqual({
        state: "not measured",
        reason: "the pod server of the probe cannot start: ImagePullBackOff: pull failed: no such host",
      });
    } finally {
      await kubelet.stop();
    }
  });

  it("says of a pod that fails to start what it was when the time is over", async () => {
    const kubelet = play({}, { server: { reason: "ErrImagePull", message: `${"x".repeat(300)} is not there` } });
    try {
      expect(await measure({ timeoutSeconds: 6 })).toEqual({
        state: "not measured",
        reason: expect.stringMatching(
          /^the server of the probe did not start within 6 s: ErrImagePull: …x{187} is not there$/,
        ),
      });
    } finally {
      await kubelet.stop();
    }
  });

  it("ends in its time where a client never does", async () => {
    const { control: _, ...others } = sound;
    const kubelet = play(others);
    try {
      expect(await measure({ timeoutSeconds: 25 })).toEqual({
        state: "not measured",
        // Nobody told the API server of this pod, so that its scheduler still speaks.
        reason: expect.stringMatching(/^the client control of the probe did not end within 25 s: 0\/2 nodes/),
      });
    } finally {
      await kubelet.stop();
    }
  });

  it("says what the API server refuses", async () => {
    expect(await measure({ image: "" })).toEqual({
      state: "not measured",
      reason: expect.stringMatching(/^the API server refused the probe: .*image/),
    });
  });

  it("removes what it made when it is broken off", async () => {
    const others = await probes();
    const controller = new AbortController();
    const running = measure({}, controller.signal);
    const ended = expect(running).rejects.toThrow();
    const own = async () => (await probes()).filter((name) => !others.includes(name));
    await vi.waitFor(async () => expect(await own()).toHaveLength(1), { timeout: 30_000, interval: 100 });
    controller.abort();
    await ended;
    await vi.waitFor(async () => expect(await own()).toEqual([]), { timeout: 60_000, interval: 500 });
  });
});

describe("a stack whose data must not leave", () => {
  let checkout: Checkout;
  beforeAll(() => {
    checkout = newCheckout();
    const text = stackWith(
      [
        "cluster: { target: local }",
        `cluster: { target: existing, existing: { context: ${cluster.context}, storageClass: freehold-local } }`,
      ],
      ["state: { backend: local }", "state: { backend: pg }"],
      [
        "{ repository: Qwen/Qwen3-32B } }",
        "{ repository: Qwen/Qwen3-32B }, image: registry.example.com/vllm/vllm-openai:v0.33.0 }",
      ],
      [
        "nodePools:\n",
        `residency:
  mode: region-bound
  regions: [de]
  keys: { custody: customer, reference: "pkcs11:token=vault;object=freehold" }
  sources: { registries: [registry.example.com], hub: hub.example.com, networks: [10.20.0.0/16] }
  egress: { image: "registry.example.com/envoyproxy/envoy:distroless-v1.40.0" }
nodePools:\n`,
      ],
    );
    checkout.write("config/stack.yaml", text);
    const { config, findings } = load(text);
    if (config === null) throw new Error(JSON.stringify(findings));
    checkout.write("config/stack.lock.yaml", lockText(lockFor(config)));
  });
  afterAll(() => checkout.remove());

  const run = async (outcome: Readonly<Record<string, number>>, ...args: string[]) => {
    const kubelet = play(outcome);
    try {
      return await checkout.freehold(args, {
        environment: { ...process.env, FREEHOLD_STACK: undefined, KUBECONFIG: cluster.kubeconfigPath },
      });
    } finally {
      await kubelet.stop();
    }
  };
  const namespaces = () => cluster.kubectl(["get", "namespaces", "--output=name"]);

  it("is not deployed where policies are only text", async () => {
    const { code, stderr } = await run({ ...sound, held: 0 }, "deploy", "--via", "manifests", "--yes");
    expect(code).toBe(1);
    expect(stderr).toContain("RUN-162  The cluster of");
    expect(await namespaces()).not.toContain("support-agents");
  });

  it("is not deployed where nobody knows", async () => {
    const { code, stderr } = await run({ ...sound, control: 7 }, "up", "--via", "manifests", "--yes");
    expect(code).toBe(1);
    expect(stderr).toContain("RUN-163  Whether the cluster of");
    expect(await namespaces()).not.toContain("support-agents");
  });

  it("is deployed where they are enforced, and preflight writes so; for a day nobody tries again", async () => {
    const preflight = await run(sound, "preflight");
    expect(preflight, preflight.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(preflight.stdout)).toMatchObject({ networkPolicies: { state: "enforced" } });
    // No kubelet is played: a second probe could not pass.
    const deploy = await run({}, "deploy", "--via", "manifests");
    expect(deploy.stderr).toContain("RUN-142");
    expect(deploy.stderr).toContain("support-agents-trial-inference");
  });
});
