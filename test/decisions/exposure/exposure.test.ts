// What is decided about the way in from outside, and after how long an answer ends; that the figures of the catalog are those
// of the gateway's process. What its objects hold is tested in test/charts/way-in.test.ts.
import { describe, expect, it } from "vitest";
import type { IngressSoftware } from "../../../config/ingress.ts";
import type { Config, GatewayConfig } from "../../../config/schema/index.ts";
import { gatewayFacts } from "../../../decisions/catalog/gateway.ts";
import { ingressControllers } from "../../../decisions/catalog/ingress-controllers.ts";
import { explain } from "../../../decisions/explain.ts";
import { parseSettings } from "../../../services/gateway/src/settings-file.ts";
import { blueprintFor } from "../../support/blueprint.ts";
import { modelConfig } from "../../support/config.ts";
import { workloadConfig } from "../../support/hosting.ts";

type Exposure = NonNullable<GatewayConfig["exposure"]>;
const controller = { namespace: "ingress", labels: { app: "proxy" } };
const route: Exposure = {
  by: "http-route",
  host: "llm.example.com",
  parent: { namespace: "gateways", name: "shared", listener: "https" },
  controller,
};
const ingress = (software: IngressSoftware): Exposure => ({
  by: "ingress",
  host: "llm.example.com",
  class: "internal",
  software,
  tls: { secret: "llm-tls" },
  controller,
});

function decidedFor(exposure?: Exposure, changes: Partial<Config> = {}) {
  const gateway: GatewayConfig = {
    keys: { secret: "gateway-keys", key: "keys.json" },
    tenants: { support: {} },
    ...(exposure === undefined ? {} : { exposure }),
  };
  const blueprint = blueprintFor({ gateway, ...changes });
  if (blueprint.gateway === null) throw new Error("the Blueprint has no gateway");
  return { blueprint, gateway: blueprint.gateway };
}

/** Models that answer with up to `maxModelLen` tokens, one each 50 ms. */
const long = (maxModelLen: number, itl = "50ms"): Partial<Config> => ({
  models: { chat: modelConfig({ maxModelLen, replicas: 8 }) },
  workloads: { support: workloadConfig({ objectives: { itl } }) },
});

describe("the longest answer", () => {
  it("is ten minutes where nobody says how fast tokens come", () => {
    expect(decidedFor().gateway.answerDeadline.value).toBe(600);
  });

  it("is what the model writes at the pace that is asked for, after the wait for the longest prompt", () => {
    const { gateway } = decidedFor(undefined, long(20_000));
    expect(gateway.answerDeadline.value).toBe(10 + 20 + 20_000 * 0.05);
    expect(gateway.answerDeadline.because[0]).toMatchObject({ path: "workloads.support.objectives.itl" });
    expect(gateway.settings.deadlines.requestMilliseconds).toBe(1_030_000);
  });

  it("is no shorter than ten minutes, and no longer than the gateway's settings take", () => {
    expect(decidedFor(undefined, long(2000)).gateway.answerDeadline.value).toBe(600);
    expect(decidedFor(undefined, long(40_000, "9s")).gateway.answerDeadline.value).toBe(80_050);
  });

  it("counts no pace slower than what the gateway takes for a fault", () => {
    const slow = decidedFor(undefined, long(2000, "9s")).gateway.answerDeadline.value;
    expect(slow).toBe(10 + 2 + 2000 * 2);
  });

  it("rests on the deadlines of the gateway's process", () => {
    const { deadlines, bounds } = parseSettings(JSON.stringify(decidedFor().gateway.settings));
    expect(bounds.bodyBytes).toBe(gatewayFacts.bodyMebibytes * 2 ** 20);
    expect(deadlines).toMatchObject({
      firstTokenMilliseconds: gatewayFacts.firstTokenMilliseconds,
      firstTokenMillisecondsPerThousandTokens: gatewayFacts.firstTokenMillisecondsPerThousandTokens,
      interTokenMilliseconds: gatewayFacts.interTokenMilliseconds,
    });
  });
});

const balancer = (by: "google-load-balancer" | "azure-load-balancer"): Exposure => ({
  by,
  host: "llm.example.com",
  tls: { secret: "llm-tls" },
  sourceRanges: ["10.20.0.0/16"],
});

describe("a load balancer", () => {
  it.each([
    [balancer("google-load-balancer"), null, "networking.gke.io/load-balancer-type", "Internal"],
    [balancer("azure-load-balancer"), null, "service.beta.kubernetes.io/azure-load-balancer-internal", "true"],
    [
      { ...balancer("azure-load-balancer"), by: "aws-load-balancer", subnetRanges: ["10.20.3.0/24"] } as Exposure,
      "service.k8s.aws/nlb",
      "service.beta.kubernetes.io/aws-load-balancer-scheme",
      "internal",
    ],
    [
      { ...balancer("azure-load-balancer"), by: "metallb", addressPool: "own" } as Exposure,
      null,
      "metallb.io/address-pool",
      "own",
    ],
  ])("is an internal one: %o", (exposure, className, key, value) => {
    const decided = decidedFor(exposure).gateway.exposure;
    expect(decided).toMatchObject({ by: "load-balancer", className, port: 8443 });
    expect(decided?.annotations.value).toHaveProperty([key], value);
    expect(decided?.unchecked.join(" ")).not.toContain("{pool}");
    expect(decided?.unchecked.length).toBeGreaterThan(0);
  });

  it("is one connection more, from the networks that the file names", () => {
    const aws = {
      ...balancer("azure-load-balancer"),
      by: "aws-load-balancer",
      subnetRanges: ["10.20.3.0/24", "10.20.0.0/16"],
    } as Exposure;
    const { blueprint } = decidedFor(aws);
    const outside = blueprint.residency.edges.filter(({ from }) => from.kind === "networks");
    expect(outside).toMatchObject([
      {
        from: { networks: [{ cidr: "10.20.0.0/16" }, { cidr: "10.20.3.0/24" }] },
        to: { name: "gateway" },
        ports: [{ protocol: "TCP", port: 8443 }],
      },
    ]);
    expect(explain(blueprint, null, [])).toContain(
      "Callers of the load balancer at 10.20.0.0/16 and 10.20.3.0/24 may connect to its port 8443",
    );
  });

  it("has the gateway itself end TLS, in its process's own terms", () => {
    const { gateway } = decidedFor(balancer("google-load-balancer"));
    const { secure } = parseSettings(JSON.stringify(gateway.settings));
    expect(secure).toEqual({
      host: "0.0.0.0",
      port: 8443,
      certificateFile: "/etc/freehold/certificate/tls.crt",
      keyFile: "/etc/freehold/certificate/tls.key",
    });
    expect(decidedFor(route).gateway.settings.secure).toBeUndefined();
    expect(gateway.exposure?.timeoutSeconds.value).toBe(gateway.answerDeadline.value);
  });
});

describe("the way in", () => {
  it("is none unless the file says so", () => {
    const { blueprint, gateway } = decidedFor();
    expect(gateway.exposure).toBeNull();
    const into = blueprint.residency.edges.filter(({ to }) => to.name === "gateway");
    expect(into.map(({ from }) => from.name)).toEqual(["gateway clients"]);
  });

  it("is one connection more: from the pods that the file names, to the gateway's port", () => {
    const { blueprint } = decidedFor(route);
    const without = decidedFor().blueprint.residency.edges;
    const more = blueprint.residency.edges.filter((edge) => !without.some(({ from }) => from.name === edge.from.name));
    expect(more).toMatchObject([
      {
        from: { namespaceLabels: { "kubernetes.io/metadata.name": "ingress" }, labels: { app: "proxy" } },
        to: { name: "gateway" },
        ports: [{ protocol: "TCP", port: 8080 }],
      },
    ]);
  });

  it("waits longer than the gateway, so that it is the gateway which ends an answer", () => {
    const { gateway } = decidedFor(route, long(20_000));
    expect(gateway.exposure?.timeoutSeconds.value).toBe(1060);
    expect(gateway.exposure?.timeoutSeconds.because[0]?.text).toContain("1030 s");
  });

  it.each(Object.keys(ingressControllers) as (keyof typeof ingressControllers)[])(
    "says what %s has to be told, or that it cannot be told",
    (software) => {
      const { gateway } = decidedFor(ingress(software));
      const { annotations, unchecked } = gateway.exposure ?? { annotations: { value: {} }, unchecked: [] };
      const said = [...Object.values(annotations.value), ...unchecked].join(" ");
      expect(said).toMatch(/\b630 ?s\b/);
      expect(said).not.toContain("{timeout}");
    },
  );

  it("knows a controller by its class, and says so", () => {
    const { software: _, ...unsaid } = { ...ingress("other"), class: "traefik" } as Exposure & { software?: string };
    const { gateway } = decidedFor(unsaid as Exposure);
    expect(gateway.exposure?.annotations.because[0]).toMatchObject({ path: "gateway.exposure.class" });
    expect(gateway.exposure?.annotations.value).toHaveProperty(["traefik.ingress.kubernetes.io/router.tls"], "true");
  });

  it("needs the Secret of its certificate, unless cert-manager makes it", () => {
    const certificate = (exposure: Exposure) =>
      decidedFor(exposure).gateway.secrets.filter(({ purpose }) => purpose === "certificate");
    expect(certificate(ingress("haproxy")).map(({ secret, key }) => `${secret} ${key}`)).toEqual([
      "llm-tls tls.crt",
      "llm-tls tls.key",
    ]);
    const made = { secret: "llm-tls", issuer: { kind: "ClusterIssuer" as const, name: "own-ca" } };
    expect(certificate({ ...ingress("haproxy"), tls: made } as Exposure)).toEqual([]);
    expect(certificate(route)).toEqual([]);
  });

  it("is explained with what nobody could check", () => {
    const text = explain(decidedFor(route).blueprint, null, []);
    expect(text).toContain("https://llm.example.com/v1, through the listener https of the Gateway gateways/shared");
    expect(text).toContain("Whether the listener https of the Gateway gateways/shared ends TLS");
    expect(explain(decidedFor().blueprint, null, [])).not.toContain("From outside the cluster");
  });
});
