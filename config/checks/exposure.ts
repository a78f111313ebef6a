import { at, type ConfigPath, type Finding, finding } from "../diagnostics/finding.ts";
import { hostAndPort, outsideHostProblem } from "../host.ts";
import { ingressSoftwareOf, tellingClasses } from "../ingress.ts";
import { labelKeyProblem, labelValueProblem } from "../label.ts";
import { isPrivate, isWorldwide, parseNetwork } from "../network.ts";
import type { AgentsConfig, Config, GatewayConfig } from "../schema/index.ts";
import type { ResidencyMode } from "../schema/residency.ts";
import { check } from "./check.ts";

type Exposure = NonNullable<GatewayConfig["exposure"]>;
type Exposed = "gateway" | "agents";

/** A way in, and the section that has it. */
interface WayIn {
  readonly section: Exposed;
  readonly exposure: Exposure;
}

function wayInOf(section: Exposed, service: GatewayConfig | AgentsConfig | undefined): WayIn[] {
  return service?.exposure === undefined ? [] : [{ section, exposure: service.exposure }];
}

const placeOf = ({ section }: WayIn, path: ConfigPath, part?: "key") => at([section, "exposure", ...path], part);

/** A way in says one host, and objects of the cluster by names that they can have. */
const soundExposure = (section: Exposed) =>
  check({
    reads: [section],
    run: ({ [section]: service }: Partial<Config>) =>
      wayInOf(section, service).flatMap((way) => [
        ...hostFindings(way),
        ...namesIn(way.exposure).flatMap(({ path, text }) => {
          const problem = nameProblem(text);
          return problem === null ? [] : [finding("GTW-124", placeOf(way, path), { section, text, problem })];
        }),
        ...controllerFindings(way),
        ...softwareFindings(way),
      ]),
  });
export const gatewayExposure = soundExposure("gateway");
export const agentsExposure = soundExposure("agents");

/** Each service has a host of its own: controllers take two certificates for one name for a mistake, or take either. */
export const ownHosts = check({
  reads: ["gateway", "agents"],
  run: ({ gateway, agents }) => {
    const [first, second] = [gateway?.exposure?.host, agents?.exposure?.host];
    if (first === undefined || first !== second) return [];
    const also = [{ path: ["gateway", "exposure", "host"], text: "the gateway has it here" }];
    return [finding("GTW-129", at(["agents", "exposure", "host"]), { host: first }, also)];
  },
});

/** Callers of a load balancer stand where the mode lets data be. */
export const gatewayBalancer = check({
  reads: ["gateway"],
  needsAllOf: ["residency"],
  run: ({ gateway, residency }: Partial<Config>) =>
    gateway?.exposure === undefined ? [] : balancerFindings(gateway.exposure, residency?.mode ?? "none"),
});

/** What opens a way in is there: the local cluster has neither a Gateway API, nor cert-manager, nor load balancers. */
const exposureTarget = (section: Exposed) =>
  check({
    reads: [section, "cluster"],
    run: ({ [section]: service, cluster }: Partial<Config>) =>
      wayInOf(section, service).flatMap((way) => {
        const { exposure } = way;
        const missing = cluster?.target === "local" ? missingLocally(exposure) : null;
        if (missing === null) return [];
        const also = [{ path: ["cluster", "target"], text: "the target is set here" }];
        const details = { section, by: exposure.by, missing: missing.what };
        return [finding("GTW-128", placeOf(way, missing.path), details, also)];
      }),
  });
export const gatewayExposureTarget = exposureTarget("gateway");
export const agentsExposureTarget = exposureTarget("agents");

function missingLocally(exposure: Exposure): { readonly path: ConfigPath; readonly what: string } | null {
  if (exposure.by === "http-route") return { path: ["by"], what: "resource definitions of the Gateway API" };
  if (exposure.by !== "ingress") return { path: ["by"], what: "load balancers" };
  return exposure.tls.issuer === undefined
    ? null
    : { path: ["tls", "issuer"], what: "resource definitions of cert-manager" };
}

function hostFindings(way: WayIn): Finding[] {
  const { section, exposure } = way;
  const { host } = exposure;
  const problem = host === hostAndPort(host).host ? outsideHostProblem(host) : "names a port, which is always 443";
  return problem === null ? [] : [finding("GTW-120", placeOf(way, ["host"]), { section, text: host, problem })];
}

function namesIn(exposure: Exposure): { readonly path: ConfigPath; readonly text: string }[] {
  const { namespace, name, listener } = exposure.by === "http-route" ? exposure.parent : {};
  const { secret, issuer }: Partial<Extract<Exposure, { by: "ingress" }>["tls"]> =
    exposure.by === "http-route" ? {} : exposure.tls;
  const names: [ConfigPath, string | undefined][] = [
    [["parent", "namespace"], namespace],
    [["parent", "name"], name],
    [["parent", "listener"], listener],
    [["class"], exposure.by === "ingress" ? exposure.class : undefined],
    [["tls", "secret"], secret],
    [["tls", "issuer", "name"], issuer?.name],
    [["controller", "namespace"], "controller" in exposure ? exposure.controller.namespace : undefined],
    [["addressPool"], exposure.by === "metallb" ? exposure.addressPool : undefined],
  ];
  return names.flatMap(([path, text]) => (text === undefined ? [] : [{ path, text }]));
}

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
function nameProblem(text: string): string | null {
  const strange = Array.from(text).find((character) => !/[a-z0-9.-]/.test(character));
  if (strange !== undefined) return `holds ${JSON.stringify(strange)}`;
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(text)
    ? null
    : "has a part that does not start and end with a letter or digit";
}

function controllerFindings(way: WayIn): Finding[] {
  const { section, exposure } = way;
  if (!("controller" in exposure)) return [];
  const { namespace, labels } = exposure.controller;
  const path = ["controller", "labels"];
  if (Object.keys(labels).length === 0) return [finding("GTW-123", placeOf(way, path), { section, namespace })];
  return Object.entries(labels).flatMap(([key, value]): Finding[] => {
    const [inKey, inValue] = [labelKeyProblem(key), labelValueProblem(value)];
    return [
      ...(inKey === null
        ? []
        : [finding("GTW-125", placeOf(way, [...path, key], "key"), { section, text: key, problem: inKey })]),
      ...(inValue === null
        ? []
        : [finding("GTW-125", placeOf(way, [...path, key]), { section, text: value, problem: inValue })]),
    ];
  });
}

function softwareFindings(way: WayIn): Finding[] {
  const { section, exposure } = way;
  if (exposure.by !== "ingress") return [];
  const { class: className, software: named } = exposure;
  const software = ingressSoftwareOf(exposure);
  const place = placeOf(way, [named === undefined ? "class" : "software"]);
  if (software === null) return [finding("GTW-121", place, { section, className, known: tellingClasses })];
  return software === "ingress-nginx" ? [finding("GTW-122", place, { className })] : [];
}

const ofClouds: readonly Exposure["by"][] = ["aws-load-balancer", "google-load-balancer", "azure-load-balancer"];

function balancerFindings(exposure: Exposure, mode: ResidencyMode): Finding[] {
  if (!("sourceRanges" in exposure)) return [];
  const also = [{ path: ["residency", "mode"], text: `the mode is set here: ${mode}` }];
  const inCloud =
    mode === "air-gapped" && ofClouds.includes(exposure.by)
      ? [finding("GTW-127", at(["gateway", "exposure", "by"]), { by: exposure.by }, also)]
      : [];
  const lists = {
    sourceRanges: exposure.sourceRanges,
    ...("subnetRanges" in exposure ? { subnetRanges: exposure.subnetRanges } : {}),
  };
  return [
    ...inCloud,
    ...Object.entries(lists).flatMap(([key, ranges]) =>
      ranges.flatMap((text, index): Finding[] => {
        const problem = rangeProblem(text, mode);
        if (problem === null) return [];
        const place = at(["gateway", "exposure", key, index]);
        return [finding("GTW-126", place, { key, text, problem: problem.text }, problem.isOfMode ? also : [])];
      }),
    ),
  ];
}

function rangeProblem(text: string, mode: ResidencyMode): { readonly text: string; readonly isOfMode: boolean } | null {
  const network = parseNetwork(text);
  if (network === null) return { text: "is no network, as its first address and a length", isOfMode: false };
  if (isWorldwide(network)) return { text: "swallows the networks of strangers", isOfMode: false };
  return mode === "none" || isPrivate(network)
    ? null
    : { text: `is not private address space, and the mode is ${mode}`, isOfMode: true };
}
