// Proves what helm renders and refuses. It does not prove that Kubernetes accepts it: the cluster tests do.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { modelServerSelector, modelServerValues } from "../../stacks/values/model-server.ts";
import type { ModelServerValues } from "../../stacks/values/model-server-schema.ts";
import { testChart } from "../support/chart.ts";
import { helm, type Manifest } from "../support/helm.ts";
import { exampleCommit, exampleDigest, releaseBlueprint } from "../support/release-blueprint.ts";

const { path: chart, template, render, refusal } = testChart<ModelServerValues>("model-server", "inference", "chat-v1");
const example = modelServerValues(releaseBlueprint(), { stack: "support-agents", environment: "trial", gateway: null });

/** What a variable or an argument becomes in the container, by the rules of the kubelet. */
function inContainer(text: string): string {
  expect(text.replaceAll("$$", "")).not.toContain("$(");
  return text.replaceAll("$$", "$");
}

let objects: Readonly<Record<string, Manifest>> = {};
let pod: Manifest;
let engine: Manifest;

beforeAll(async () => {
  objects = await render(example);
  pod = objects["Deployment/chat-v1"].spec.template;
  [engine] = pod.spec.containers;
});

describe("model server", () => {
  it("consists of exactly these objects, all in the release's namespace", () => {
    expect(Object.keys(objects).sort()).toEqual([
      "ConfigMap/chat-v1-probe",
      "Deployment/chat-v1",
      "NetworkPolicy/chat-v1",
      "PodDisruptionBudget/chat-v1",
      "Service/chat-v1",
      "Service/chat-v1-headless",
      "ServiceAccount/chat-v1",
    ]);
    for (const object of Object.values(objects)) expect(object.metadata.namespace).toBe("inference");
  });

  it("renders the same bytes each time and passes helm's linter", async () => {
    const first = await template(example);
    expect((await template(example)).stdout).toBe(first.stdout);
    const lint = await helm(["lint", chart, "--strict", "--kube-version", "1.34"], example);
    expect(lint.stdout).toContain("0 chart(s) failed");
  });

  it("selects its pods by labels that no upgrade changes", () => {
    const selector = modelServerSelector(releaseBlueprint());
    expect(objects["Deployment/chat-v1"].spec.selector.matchLabels).toEqual(selector);
    expect(objects["PodDisruptionBudget/chat-v1"].spec.selector.matchLabels).toEqual(selector);
    expect(objects["NetworkPolicy/chat-v1"].spec.podSelector.matchLabels).toEqual(selector);
    for (const name of ["chat-v1", "chat-v1-headless"]) {
      expect(objects[`Service/${name}`].spec.selector).toEqual(selector);
    }
    expect(pod.metadata.labels).toMatchObject(selector);
  });

  it("carries stack, model, version and revision as labels", () => {
    const labels = {
      "app.kubernetes.io/part-of": "support-agents",
      "freehold/stack": "support-agents",
      "freehold/model": "chat",
      "freehold/version": "v1",
      "freehold/revision": exampleCommit.slice(0, 12),
    };
    expect(pod.metadata.labels).toMatchObject(labels);
    for (const object of Object.values(objects)) expect(object.metadata.labels).toMatchObject(labels);
  });

  it("runs the engine from the image's digest with its arguments", () => {
    expect(engine.image).toBe(`registry.example.com/vllm/vllm-openai@${exampleDigest}`);
    expect(engine.imagePullPolicy).toBe("IfNotPresent");
    expect(engine.command).toEqual(["vllm", "serve"]);
    expect(engine.args).toEqual(example.args);
  });

  it("keeps the engine off the network's models and counters, and adds what values say", () => {
    const environment = Object.fromEntries(engine.env.map(({ name, value }: Manifest) => [name, value]));
    expect(environment).toMatchObject({
      HF_HUB_OFFLINE: "1",
      VLLM_NO_USAGE_STATS: "1",
      HF_HUB_CACHE: "/weights",
      VLLM_LOGGING_LEVEL: "WARNING",
    });
    expect(engine.env.map(({ name }: Manifest) => name)).toEqual(Object.keys(environment).sort());
  });

  it("puts everything the engine writes on volumes of limited size", () => {
    const environment = Object.fromEntries(engine.env.map(({ name, value }: Manifest) => [name, value]));
    expect(environment).toMatchObject({ HOME: "/home/vllm", USER: "vllm", VLLM_CACHE_ROOT: "/home/vllm/.cache/vllm" });
    const mounts = Object.fromEntries(engine.volumeMounts.map((mount: Manifest) => [mount.mountPath, mount]));
    const volumes = Object.fromEntries(pod.spec.volumes.map((volume: Manifest) => [volume.name, volume]));
    for (const path of ["/home/vllm", "/tmp", "/run/freehold"]) {
      expect(volumes[mounts[path].name].emptyDir.sizeLimit).toMatch(/^[0-9]+[GM]i$/);
    }
    expect(volumes[mounts["/dev/shm"].name].emptyDir).toEqual({ medium: "Memory", sizeLimit: "11Gi" });
  });

  it("mounts the weights read-only", () => {
    expect(engine.volumeMounts).toContainEqual({ name: "weights", mountPath: "/weights", readOnly: true });
    expect(pod.spec.volumes).toContainEqual({
      name: "weights",
      persistentVolumeClaim: { claimName: "chat-v1-weights", readOnly: true },
    });
  });

  it("requests what it is limited to, except processors, which have no limit", () => {
    const fixed = { memory: "96Gi", "ephemeral-storage": "16Gi", "nvidia.com/gpu": 2 };
    expect(engine.resources).toEqual({ requests: { cpu: "7500m", ...fixed }, limits: fixed });
  });

  it("stops in the order that lets callers leave first", () => {
    expect(engine.lifecycle).toEqual({ preStop: { sleep: { seconds: 17 } } });
    expect(pod.spec.terminationGracePeriodSeconds).toBe(122);
  });

  it("probes start and readiness by request and liveness by script", () => {
    expect(engine.startupProbe).toEqual({
      httpGet: { path: "/v1/models", port: "http" },
      periodSeconds: 10,
      failureThreshold: 113,
      timeoutSeconds: 5,
    });
    expect(engine.readinessProbe).toEqual({
      httpGet: { path: "/health", port: "http" },
      periodSeconds: 6,
      failureThreshold: 4,
      timeoutSeconds: 7,
    });
    expect(engine.livenessProbe).toEqual({
      exec: {
        command: [
          "python3",
          "-ISB",
          "/etc/freehold/liveness.py",
          "--port=8000",
          "--stall-seconds=137",
          "--timeout-seconds=10",
          "--state=/run/freehold/liveness.json",
        ],
      },
      periodSeconds: 19,
      failureThreshold: 2,
      timeoutSeconds: 12,
      terminationGracePeriodSeconds: 10,
    });
  });

  it("ships the probe script unchanged and restarts pods when it changes", () => {
    const script = readFileSync(`${chart}/files/liveness.py`, "utf8");
    expect(objects["ConfigMap/chat-v1-probe"].data["liveness.py"]).toBe(script);
    expect(pod.metadata.annotations["checksum/probe"]).toMatch(/^[0-9a-f]{64}$/);
    expect(pod.spec.volumes).toContainEqual({
      name: "probe",
      configMap: { name: "chat-v1-probe", defaultMode: 0o444 },
    });
  });

  it("rolls as values say and spreads over zones and nodes among pods of one template", () => {
    expect(objects["Deployment/chat-v1"].spec).toMatchObject({
      replicas: 3,
      progressDeadlineSeconds: 2_300_000,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
    const keys = pod.spec.topologySpreadConstraints.map((constraint: Manifest) => constraint.topologyKey);
    expect(keys).toEqual(["topology.kubernetes.io/zone", "kubernetes.io/hostname"]);
    for (const constraint of pod.spec.topologySpreadConstraints) {
      expect(constraint).toMatchObject({
        whenUnsatisfiable: "ScheduleAnyway",
        matchLabelKeys: ["pod-template-hash"],
        labelSelector: { matchLabels: modelServerSelector(releaseBlueprint()) },
      });
    }
  });

  it("goes to its nodes with its tolerations and its priority", () => {
    expect(pod.spec.nodeSelector).toEqual({ "freehold/node-pool": "h100" });
    expect(pod.spec.tolerations).toEqual(example.tolerations);
    expect(pod.spec.priorityClassName).toBe("support-agents-gpus-2");
  });

  it("lets drains take one replica, and any that does not serve", () => {
    expect(objects["PodDisruptionBudget/chat-v1"].spec).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    });
  });

  it("offers one address for all replicas and one for each", () => {
    const ports = [{ name: "http", port: 8000, targetPort: "http", protocol: "TCP", appProtocol: "http" }];
    expect(objects["Service/chat-v1"].spec).toMatchObject({ type: "ClusterIP", ports });
    expect(objects["Service/chat-v1"].spec).not.toHaveProperty("clusterIP");
    expect(objects["Service/chat-v1-headless"].spec).toMatchObject({ clusterIP: "None", ports });
  });
});

describe("model server under Pod Security restricted", () => {
  it("runs as a user and group of its own, never root", () => {
    expect(pod.spec.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 2000,
      runAsGroup: 2000,
      fsGroup: 2000,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
  });

  it("holds no capability and gains none", () => {
    expect(engine.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: false,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("uses only volume types that the profile allows", () => {
    const types = pod.spec.volumes.flatMap((volume: Manifest) => Object.keys(volume).filter((key) => key !== "name"));
    expect([...new Set(types)].sort()).toEqual(["configMap", "emptyDir", "persistentVolumeClaim"]);
  });

  it.each(["hostNetwork", "hostPID", "hostIPC", "hostUsers", "initContainers", "runtimeClassName"])(
    "says nothing about %s",
    (field) => expect(pod.spec).not.toHaveProperty(field),
  );

  it("opens no port of the node", () => {
    expect(engine.ports).toEqual([{ name: "http", containerPort: 8000, protocol: "TCP" }]);
  });

  it("has an account without a token and no variables of other Services", () => {
    expect(objects["ServiceAccount/chat-v1"].automountServiceAccountToken).toBe(false);
    expect(pod.spec).toMatchObject({
      serviceAccountName: "chat-v1",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
    });
  });
});

describe("network policy of a model server", () => {
  it("admits only marked clients in the stack's namespaces, and lets nothing out", () => {
    expect(objects["NetworkPolicy/chat-v1"].spec).toEqual({
      podSelector: { matchLabels: modelServerSelector(releaseBlueprint()) },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [
            {
              namespaceSelector: {
                matchLabels: { "freehold/stack": "support-agents", "freehold/environment": "trial" },
              },
              podSelector: { matchLabels: { "freehold/inference-client": "true" } },
            },
          ],
          ports: [{ port: 8000, protocol: "TCP" }],
        },
      ],
    });
  });
});

describe("model server with other values", () => {
  let other: Readonly<Record<string, Manifest>> = {};
  const odd = [`say "hi" it's`, "{{ .Values.stack }}", "${HOME} $(HOME) $$(HOME) $$$ %{x}", "#: - [a]\n<b> & ü", "yes"];

  beforeAll(async () => {
    other = await render(
      {
        ...example,
        args: [...example.args, ...odd],
        env: { ODD: odd.join("|"), VLLM_NO_USAGE_STATS: "true", HOME: "/home/vllm" },
        spreadOverZones: false,
        nodeSelector: {},
        tolerations: [],
        readOnlyRootFilesystem: true,
        scratch: { home: "30Gi" },
        metricsNamespaces: ["monitoring", "observability"],
        serviceMonitor: { enabled: true },
      },
      `m${"o".repeat(52)}`,
    );
  });
  const name = `m${"o".repeat(52)}`;
  const podOf = () => other[`Deployment/${name}`].spec.template.spec;

  it("fits every name into 63 characters at helm's longest release name", () => {
    for (const object of Object.values(other)) expect(object.metadata.name.length).toBeLessThanOrEqual(63);
    expect(Object.keys(other)).toContain(`Service/${name}-headless`);
  });

  it("passes odd characters through to the engine as they are", () => {
    const [container] = podOf().containers;
    expect(container.args.slice(example.args.length).map(inContainer)).toEqual(odd);
    const variable = container.env.find((entry: Manifest) => entry.name === "ODD");
    expect(inContainer(variable.value)).toBe(odd.join("|"));
  });

  it("lets values change its quiet variables but names each variable once", () => {
    const names = podOf().containers[0].env.map((entry: Manifest) => entry.name);
    expect(new Set(names).size).toBe(names.length);
    expect(podOf().containers[0].env).toContainEqual({ name: "VLLM_NO_USAGE_STATS", value: "true" });
    expect(podOf().containers[0].env).toContainEqual({ name: "HF_HUB_OFFLINE", value: "1" });
  });

  it("leaves out what is empty or switched off", () => {
    expect(podOf()).not.toHaveProperty("nodeSelector");
    expect(podOf()).not.toHaveProperty("tolerations");
    expect(podOf().topologySpreadConstraints.map((constraint: Manifest) => constraint.topologyKey)).toEqual([
      "kubernetes.io/hostname",
    ]);
  });

  it("mounts the image read-only and sizes its volumes when told to", () => {
    expect(podOf().containers[0].securityContext.readOnlyRootFilesystem).toBe(true);
    expect(podOf().volumes).toContainEqual({ name: "home", emptyDir: { sizeLimit: "30Gi" } });
    expect(podOf().volumes).toContainEqual({ name: "tmp", emptyDir: { sizeLimit: "2Gi" } });
  });

  it("opens its port to the namespaces that scrape, and monitors each replica once", () => {
    const [rule] = other[`NetworkPolicy/${name}`].spec.ingress;
    expect(rule.from).toHaveLength(2);
    expect(rule.from[1]).toEqual({
      namespaceSelector: {
        matchExpressions: [
          { key: "kubernetes.io/metadata.name", operator: "In", values: ["monitoring", "observability"] },
        ],
      },
    });
    const { selector, endpoints } = other[`ServiceMonitor/${name}`].spec;
    expect(endpoints).toEqual([{ port: "http", path: "/metrics", interval: "15s" }]);
    const monitored = Object.values(other).filter(
      ({ kind, metadata }) =>
        kind === "Service" &&
        Object.entries(selector.matchLabels).every(([key, value]) => metadata.labels[key] === value),
    );
    expect(monitored.map(({ metadata }) => metadata.name)).toEqual([`${name}-headless`]);
  });
});

describe("model server that is not locked", () => {
  it("accepts a tag and a branch when told to, with a label that the branch fits", async () => {
    const unlocked = {
      ...example,
      image: "registry.example.com/vllm/vllm-openai:v0.33.0",
      weights: { claim: "c", revision: "refs/pr/7" },
      args: ["Qwen/Qwen3-32B", "--revision", "refs/pr/7"],
      allowUnlocked: true,
    };
    const rendered = await render(unlocked);
    expect(rendered["Deployment/chat-v1"].spec.template.metadata.labels["freehold/revision"]).toBe("refs-pr-7");
  });

  it("rejects a tag without leave", async () => {
    expect(await refusal({ ...example, image: "registry.example.com/vllm/vllm-openai:v0.33.0" })).toContain(
      'image is "registry.example.com/vllm/vllm-openai:v0.33.0": it must end in @sha256:',
    );
  });

  it("rejects a branch without leave", async () => {
    const branch = { ...example, weights: { claim: "c", revision: "main" }, args: ["a/b", "--revision", "main"] };
    expect(await refusal(branch)).toContain('weights.revision is "main": it must be a full commit');
  });
});

describe("values the chart's schema refuses", () => {
  it("rejects values that leave out what has no default, each by name", async () => {
    const text = await refusal({});
    for (const key of ["/image", "/replicas", "/args", "/weights/claim", "/resources/gpus", "/stack"]) {
      expect(text).toContain(`'${key}'`);
    }
    expect(text).not.toContain("/user");
  });

  it("rejects several faults at once", async () => {
    const text = await refusal({
      ...example,
      replica: 2,
      stack: "not a label",
      environment: "trial",
      resources: { ...example.resources, memory: "64 GB", gpus: 0 },
      user: { runAsUser: 0 },
      probes: { ...example.probes, liveness: { ...example.probes.liveness, stallSeconds: "2m" } },
      tolerations: [{ key: "a", operator: "Equal", effect: "NoSchedule" }],
    });
    expect(text).toContain("additional properties 'replica' not allowed");
    for (const path of ["/stack", "/resources/memory", "/resources/gpus", "/user/runAsUser"]) {
      expect(text).toContain(`'${path}'`);
    }
    expect(text).toContain("'/probes/liveness/stallSeconds': got string, want integer");
    expect(text).toContain("'/tolerations/0/operator'");
  });
});

describe("values the chart's templates refuse", () => {
  const commit = exampleCommit;
  it.each<[string, Partial<ModelServerValues>, string]>([
    [
      "arguments that name another revision",
      { args: ["a/b", "--revision", "f".repeat(40)] },
      `args do not name weights.revision, "${commit}"`,
    ],
    ["arguments without the repository", { args: ["--revision", commit] }, 'args start with "--revision"'],
    ["a path variable of another value", { env: { HOME: "/root" } }, 'env.HOME is "/root": the chart sets it to'],
    [
      "a grace period that the pre-stop pause uses up",
      { drain: { preStopSeconds: 30, terminationGracePeriodSeconds: 30 } },
      "nothing would be left for requests to finish",
    ],
    [
      "a roll-out that can replace nothing",
      { rollout: { maxSurge: 0, maxUnavailable: 0, progressDeadlineSeconds: 600 } },
      "rollout.maxSurge and rollout.maxUnavailable are both 0",
    ],
    [
      "a monitor that the network policy would shut out",
      { serviceMonitor: { enabled: true } },
      "serviceMonitor.enabled is true and metricsNamespaces is empty",
    ],
  ])("rejects %s", async (_name, change, message) => {
    expect(await refusal({ ...example, ...change })).toContain(message);
  });

  it("rejects a release that would make a Service named vllm", async () => {
    expect(await refusal(example, "vllm")).toContain("A release named vllm would make a Service named vllm");
  });

  it("rejects a release name that is no Service name", async () => {
    expect(await refusal(example, "7b-v1")).toContain('The release name "7b-v1" becomes the name of a Service');
  });
});
