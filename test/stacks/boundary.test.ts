// Proves: the policies of a namespace are the connections of the Blueprint and no others. That a cluster's network plugin
// enforces them is not proven here.
import { describe, expect, it } from "vitest";
import type { ResidencyConfig } from "../../config/schema/index.ts";
import { decideResidencyFor, residencyFacts, residentStack, soundResidency, verifier } from "../support/residency.ts";
import { blueprint } from "./support/blueprint.ts";
import { onlyResource, resourcesOf, stacksOf } from "./support/stacks.ts";

interface Policy {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly pod_selector: { readonly match_labels?: Readonly<Record<string, string>> };
    readonly egress?: readonly { readonly to: readonly object[]; readonly ports: readonly object[] }[];
  };
}

const under = (mode: ResidencyConfig["mode"], changes: Partial<ResidencyConfig> = {}) =>
  blueprint({
    residency: decideResidencyFor(residentStack(soundResidency(mode, changes), { name: "demo", environment: "trial" }))
      .residency,
  });

function policies(from = blueprint()): readonly Policy[] {
  return Object.values(resourcesOf(stacksOf(from).platform, "kubernetes_network_policy_v1")) as unknown as Policy[];
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly volume_mount: readonly object[];
}

/** The step of a Job that fetches, whatever comes after it. */
function fetchOf(from = blueprint()): Container {
  const { container, init_container: before } = jobOf(from).spec.template.spec;
  return before === undefined ? container[0] : before[0];
}

function jobOf(from = blueprint()) {
  return onlyResource<{
    spec: {
      template: {
        metadata: { labels: Readonly<Record<string, string>> };
        spec: {
          automount_service_account_token: boolean;
          service_account_name: string;
          container: readonly [Container];
          init_container?: readonly [Container];
          volume: readonly { name: string; secret?: object }[];
        };
      };
    };
  }>(stacksOf(from).inference, "kubernetes_job_v1");
}

describe("a boundary", () => {
  it("denies all, and lets out the pods that fetch weights", () => {
    expect(policies().map(({ metadata, spec }) => [metadata.name, spec.egress?.length ?? 0])).toEqual([
      ["default-deny", 0],
      ["fetch-weights", 2],
    ]);
  });

  it("selects them by the labels that their pods have", () => {
    const selector = policies().find(({ metadata }) => metadata.name === "fetch-weights")?.spec.pod_selector;
    expect(selector?.match_labels).toBeDefined();
    expect(jobOf().spec.template.metadata.labels).toMatchObject(selector?.match_labels ?? {});
  });

  const blocks = (mode: ResidencyConfig["mode"], name: string) =>
    (policies(under(mode)).find(({ metadata }) => metadata.name === name)?.spec.egress ?? []).map(({ to }) =>
      to.filter((peer) => "ip_block" in peer),
    );
  const nodeNames = [{ ip_block: { cidr: "169.254.20.10/32" } }];

  it("lets them reach named networks only under air-gapped", () => {
    expect(blocks("air-gapped", "fetch-weights")).toEqual([nodeNames, [{ ip_block: { cidr: "10.20.0.0/16" } }]]);
  });

  it.each(["region-bound", "sovereign"] as const)("lets the proxy alone reach named networks under %s", (mode) => {
    expect(blocks(mode, "fetch-weights")).toEqual([nodeNames, []]);
    expect(blocks(mode, "egress-proxy")).toEqual([nodeNames, [{ ip_block: { cidr: "10.20.0.0/16" } }]]);
  });

  it("gives the proxy a namespace of its own, with the rules of every other", () => {
    const own = policies(under("sovereign")).filter(({ metadata }) => metadata.namespace === "demo-trial-egress");
    expect(own.map(({ metadata }) => metadata.name)).toEqual(["default-deny", "egress-proxy"]);
    const { platform } = stacksOf(under("sovereign"));
    const labels = Object.values(resourcesOf(platform, "kubernetes_namespace_v1")).map(
      (resource) => (resource as unknown as { metadata: { labels: Record<string, string> } }).metadata.labels,
    );
    expect(labels.map((each) => each["pod-security.kubernetes.io/enforce"])).toEqual(["restricted", "restricted"]);
  });

  it("opens a way out only after the policies by which the API server judges it", () => {
    const { platform } = stacksOf(under("sovereign"));
    const waits = Object.entries(resourcesOf(platform, "kubernetes_network_policy_v1")).map(([path, resource]) => [
      path.replace(/^.*\//, ""),
      (resource as unknown as { depends_on: string[] }).depends_on.some((each) => each.startsWith("helm_release.")),
    ]);
    expect(waits.sort()).toEqual([
      ["default-deny", false],
      ["default-deny", false],
      ["egress-proxy", true],
      ["fetch-weights", true],
    ]);
  });

  it("writes no policy for hosts that the network plugin tells by name", () => {
    const { networks, ...sources } = soundResidency("region-bound").sources ?? {};
    expect(networks).toBeDefined();
    const config = residentStack(soundResidency("region-bound", { sources }), {
      name: "demo",
      environment: "trial",
      cluster: { target: "existing", existing: { storageClass: "fast", cni: "cilium" } },
    });
    const { residency, findings } = decideResidencyFor(config);
    expect(findings).toEqual([]);
    const open = policies(blueprint({ residency })).find(({ metadata }) => metadata.name === "egress-proxy");
    expect(open?.spec.egress).toHaveLength(1);
    expect(open?.spec.egress?.every(({ to }) => to.length > 0)).toBe(true);
    const release = Object.values(resourcesOf(stacksOf(blueprint({ residency })).platform, "helm_release")).find(
      ({ name }) => name === "egress-proxy",
    );
    expect(JSON.parse(String((release?.values as readonly string[] | undefined)?.[0]))).toMatchObject({
      hostsByName: [{ host: "hub.example.com", port: 443 }],
    });
  });

  it("leaves the metadata address out of every network that holds it", () => {
    const open = policies(under("none", { sources: { networks: ["169.254.0.0/16"] } }));
    expect(JSON.stringify(open)).toContain('"cidr":"169.254.0.0/16","except":["169.254.169.254/32"]');
  });

  it("lets nothing out where no hub is named", () => {
    const nowhere = { ...residencyFacts("demo", "trial", { mode: "sovereign" }) };
    expect(nowhere.edges.map(({ from }) => from.name)).toEqual(["inference clients"]);
    expect(() => stacksOf(blueprint({ residency: nowhere }))).toThrow("names no hub");
  });
});

it("shows exceptions in every plan, by the output of the platform", () => {
  const exceptions = {
    hub: {
      rule: "public-hub",
      subject: "models",
      acceptedBy: "head of platform",
      reason: "being built",
      until: "2026-12-31",
    },
  } as const;
  const { output } = stacksOf(under("region-bound", { exceptions })).platform;
  expect(output.decisions?.value).toMatchObject({
    residency: "region-bound",
    exceptions: { hub: "public-hub for models until 2026-12-31, accepted by head of platform" },
  });
});

describe("the pods that fetch weights", () => {
  it("ask the hub that the file names", () => {
    const endpoint = (from: ReturnType<typeof blueprint>) =>
      fetchOf(from).env.find(({ name }) => name === "HF_ENDPOINT")?.value;
    expect(endpoint(under("sovereign"))).toBe("https://hub.example.com");
    expect(endpoint(blueprint())).toBeUndefined();
  });

  it("go through their port of the proxy, where there is one", () => {
    const variables = (from: ReturnType<typeof blueprint>) =>
      Object.fromEntries(jobOf(from).spec.template.spec.container[0].env.map(({ name, value }) => [name, value]));
    expect(variables(under("region-bound"))).toMatchObject({
      HTTPS_PROXY: "http://egress-proxy.demo-trial-egress.svc:3128",
      NO_PROXY: "localhost,127.0.0.1,.svc,.cluster.local",
    });
    for (const mode of ["none", "air-gapped"] as const) {
      expect(variables(under(mode))).not.toHaveProperty("HTTPS_PROXY");
    }
    expect(variables(under("none", { egress: {} }))).toHaveProperty("HTTPS_PROXY");
  });

  it("end with the verification of what they fetched, where a mode has signatures verified", () => {
    const { container, volume } = jobOf(under("sovereign")).spec.template.spec;
    const [{ name, image, command, env, volume_mount: mounts }] = container;
    expect([container.length, name, image]).toEqual([1, "verify", verifier.image]);
    expect(command.slice(0, 4)).toEqual(["model_signing", "verify", "key", "$(FREEHOLD_SNAPSHOT)"]);
    expect(Object.fromEntries(env.map((each) => [each.name, each.value]))).toMatchObject({
      FREEHOLD_PUBLIC_KEY: "/key/publicKey",
      FREEHOLD_SNAPSHOT: expect.stringMatching(/^\/weights\/models--Qwen--Qwen3-32B\/snapshots\//),
    });
    expect(mounts).toContainEqual({ name: "weights", mount_path: "/weights", read_only: true });
    expect(volume.find((each) => each.name === "key")?.secret).toEqual({
      secret_name: verifier.publicKeySecret,
      default_mode: "0444",
      optional: false,
    });
    expect(fetchOf(under("sovereign")).name).toBe("fetch");
    expect(jobOf().spec.template.spec.container.map((each) => each.name)).toEqual(["fetch"]);
  });

  it("run as an account of their own that hands out no token", () => {
    const { inference } = stacksOf();
    expect(jobOf().spec.template.spec).toMatchObject({
      automount_service_account_token: false,
      service_account_name: "fetch-weights",
    });
    expect(onlyResource(inference, "kubernetes_service_account_v1")).toMatchObject({
      automount_service_account_token: false,
      metadata: { name: "fetch-weights" },
    });
  });
});
