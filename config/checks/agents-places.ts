import { at, type ConfigPath, type Finding, finding } from "../diagnostics/finding.ts";
import { hasEgressProxy } from "../egress.ts";
import { outsideHostProblem } from "../host.ts";
import { insideNetworkProblem, isInside, serviceNamespace } from "../inside-place.ts";
import type { AgentsConfig, Config } from "../schema/index.ts";
import { check } from "./check.ts";

type Place = Pick<AgentsConfig["database"], "pods" | "networks">;

/** What agents call stands in one place each: inside by `pods` or `networks`; tool servers and receivers also outside, by their host. */
export const agentsPlaces = check({
  reads: ["agents"],
  needsAllOf: ["residency"],
  run: (sections: Partial<Config>) => {
    const { agents, residency } = sections;
    if (agents === undefined) return [];
    const { database, toolServers = {}, webhooks, telemetry } = agents;
    return [
      ...placeOf(["agents", "database"], database, true),
      ...Object.entries(toolServers).flatMap(([name, server]) => toolServerOf(name, server, residency)),
      ...Object.entries(webhooks?.receivers ?? {}).flatMap(([name, receiver]) => receiverOf(name, receiver, residency)),
      ...(telemetry === undefined ? [] : collectorOf(telemetry)),
    ];
  },
});

function placeOf(path: readonly string[], { pods, networks }: Place, isNeeded: boolean): Finding[] {
  const isBoth = pods !== undefined && networks !== undefined;
  const isMissing = isNeeded && pods === undefined && networks === undefined;
  if (isBoth || isMissing) return [finding("AGT-114", at([...path], "key"), { key: path.join("."), isBoth })];
  return (networks ?? []).flatMap((text, index) => {
    const problem = insideNetworkProblem(text);
    return problem === null ? [] : [finding("AGT-115", at([...path, "networks", index]), { text, problem })];
  });
}

function toolServerOf(
  name: string,
  server: NonNullable<AgentsConfig["toolServers"]>[string],
  residency: Config["residency"],
): Finding[] {
  const path = ["agents", "toolServers", name];
  const found = placeOf(path, server, false);
  if (server.pods !== undefined) return [...found, ...addressOf([...path, "url"], server.url, server.pods)];
  return isInside(server) ? found : outsideProblem([...path, "url"], `tool server "${name}"`, server.url, residency);
}

/** What stands in no named place is reached through the proxy. */
function outsideProblem(path: ConfigPath, callee: string, url: string, residency: Config["residency"]): Finding[] {
  const { protocol, host } = new URL(url);
  const nameProblem = outsideHostProblem(host);
  const problem = !hasEgressProxy(residency)
    ? residency?.mode === "air-gapped"
      ? "under air-gapped nothing leads out"
      : "the stack has no proxy"
    : protocol === "http:"
      ? "its address is without TLS"
      : nameProblem === null
        ? null
        : `its host ${nameProblem}`;
  if (problem === null) return [];
  return [finding("AGT-117", at(path), { callee, host, problem })];
}

function receiverOf(
  receiver: string,
  { origin, ...place }: NonNullable<AgentsConfig["webhooks"]>["receivers"][string],
  residency: Config["residency"],
): Finding[] {
  const path = ["agents", "webhooks", "receivers", receiver];
  const isOrigin = new URL(origin).origin === origin.replace(/\/$/, "");
  return [
    ...placeOf(path, place, false),
    ...(isInside(place) ? [] : outsideProblem([...path, "origin"], `receiver "${receiver}"`, origin, residency)),
    ...(isOrigin ? [] : [finding("AGT-118", at([...path, "origin"]), { receiver, text: origin })]),
    ...(place.pods === undefined ? [] : addressOf([...path, "origin"], origin, place.pods)),
  ];
}

function collectorOf({ endpoint, ...place }: NonNullable<AgentsConfig["telemetry"]>): Finding[] {
  const path = ["agents", "telemetry"];
  return [
    ...placeOf(path, place, true),
    ...(place.pods === undefined ? [] : addressOf([...path, "endpoint"], endpoint, place.pods)),
  ];
}

/** A Service is named with the namespace that its pods are in: the policy opens the way to those alone. */
function addressOf(path: ConfigPath, address: string, pods: NonNullable<Place["pods"]>): Finding[] {
  const { hostname } = new URL(address);
  if (serviceNamespace(hostname) === pods.namespace) return [];
  const also = [{ path: [...path.slice(0, -1), "pods", "namespace"], text: `the pods are in ${pods.namespace}` }];
  const parameters = { key: path.join("."), host: hostname, namespace: pods.namespace };
  return [finding("AGT-116", at(path), parameters, also)];
}
