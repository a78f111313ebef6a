import { at, type ConfigPath, type Finding, finding } from "../diagnostics/finding.ts";
import { hostAndPort, outsideHostProblem } from "../host.ts";
import { ingressSoftwareOf, tellingClasses } from "../ingress.ts";
import { labelKeyProblem, labelValueProblem } from "../label.ts";
import { isPrivate, isWorldwide, parseNetwork } from "../network.ts";
import type { Config, GatewayConfig } from "../schema/index.ts";
import type { ResidencyMode } from "../schema/residency.ts";
import { check } from "./check.ts";

type Exposure = NonNullable<GatewayConfig["exposure"]>;

const root: ConfigPath = ["gateway", "exposure"];

/** The way in says one host, and objects of the cluster by names that they can have. */
export const gatewayExposure = check({
  reads: ["gateway"],
  run: ({ gateway }) => {
    const exposure = gateway?.exposure;
    if (exposure === undefined) return [];
    return [
      ...hostFindings(exposure),
      ...namesIn(exposure).flatMap(({ path, text }) => {
        const problem = nameProblem(text);
        return problem === null ? [] : [finding("GTW-124", at([...root, ...path]), { text, problem })];
      }),
      ...controllerFindings(exposure),
      ...softwareFindings(exposure),
    ];
  },
});

/** Callers of a load balancer stand where the mode lets data be. */
export const gatewayBalancer = check({
  reads: ["gateway"],
  needsAllOf: ["residency"],
  run: ({ gateway, residency }: Partial<Config>) =>
    gateway?.exposure === undefined ? [] : balancerFindings(gateway.exposure, residency?.mode ?? "none"),
});

/** What opens the way in is there: the local cluster has neither a Gateway API, nor cert-manager, nor load balancers. */
export const gatewayExposureTarget = check({
  reads: ["gateway", "cluster"],
  run: ({ gateway, cluster }) => {
    const exposure = gateway?.exposure;
    if (exposure === undefined || cluster.target !== "local") return [];
    const missing = missingLocally(exposure);
    if (missing === null) return [];
    const also = [{ path: ["cluster", "target"], text: "the target is set here" }];
    return [finding("GTW-128", at([...root, ...missing.path]), { by: exposure.by, missing: missing.what }, also)];
  },
});

function missingLocally(exposure: Exposure): { readonly path: ConfigPath; readonly what: string } | null {
  if (exposure.by === "http-route") return { path: ["by"], what: "resource definitions of the Gateway API" };
  if (exposure.by !== "ingress") return { path: ["by"], what: "load balancers" };
  return exposure.tls.issuer === undefined
    ? null
    : { path: ["tls", "issuer"], what: "resource definitions of cert-manager" };
}

function hostFindings({ host }: Exposure): Finding[] {
  const problem = host === hostAndPort(host).host ? outsideHostProblem(host) : "names a port, which is always 443";
  return problem === null ? [] : [finding("GTW-120", at([...root, "host"]), { text: host, problem })];
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

function controllerFindings(exposure: Exposure): Finding[] {
  if (!("controller" in exposure)) return [];
  const { namespace, labels } = exposure.controller;
  const path = [...root, "controller", "labels"];
  if (Object.keys(labels).length === 0) return [finding("GTW-123", at(path), { namespace })];
  return Object.entries(labels).flatMap(([key, value]): Finding[] => {
    const [inKey, inValue] = [labelKeyProblem(key), labelValueProblem(value)];
    return [
      ...(inKey === null ? [] : [finding("GTW-125", at([...path, key], "key"), { text: key, problem: inKey })]),
      ...(inValue === null ? [] : [finding("GTW-125", at([...path, key]), { text: value, problem: inValue })]),
    ];
  });
}

function softwareFindings(exposure: Exposure): Finding[] {
  if (exposure.by !== "ingress") return [];
  const { class: className, software: named } = exposure;
  const software = ingressSoftwareOf(exposure);
  const place = at([...root, named === undefined ? "class" : "software"]);
  if (software === null) return [finding("GTW-121", place, { className, known: tellingClasses })];
  return software === "ingress-nginx" ? [finding("GTW-122", place, { className })] : [];
}

const ofClouds: readonly Exposure["by"][] = ["aws-load-balancer", "google-load-balancer", "azure-load-balancer"];

function balancerFindings(exposure: Exposure, mode: ResidencyMode): Finding[] {
  if (!("sourceRanges" in exposure)) return [];
  const also = [{ path: ["residency", "mode"], text: `the mode is set here: ${mode}` }];
  const inCloud =
    mode === "air-gapped" && ofClouds.includes(exposure.by)
      ? [finding("GTW-127", at([...root, "by"]), { by: exposure.by }, also)]
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
        const place = at([...root, key, index]);
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
