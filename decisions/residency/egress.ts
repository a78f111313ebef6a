import { hasEgressProxy } from "../../config/egress.ts";
import { hostAndPort, hostProblem } from "../../config/host.ts";
import type { Config } from "../../config/schema/index.ts";
import type { Decided, Reason } from "../blueprint.ts";
import { because, decided, policy } from "../reason.ts";
import { type Consumer, consumersOf, type WaysOut } from "./consumers.ts";
import type { EgressFacts, EgressHost, EgressWorkload, Party } from "./facts.ts";
import { becauseOfMode, modeOf } from "./mode.ts";

/** Label value and name of the proxy: of its release, its Service, its account and its pods' role. */
const proxyRole = "egress-proxy";

/** The proxy of a stack with what it lets each workload through to; null where there is none. */
export function decideEgress(config: Config, ways: WaysOut): Decided<EgressFacts | null> {
  const { residency, name, environment } = config;
  const mode = modeOf(residency);
  if (!hasEgressProxy(residency)) {
    return decided(
      null,
      becauseOfMode(
        residency,
        mode === "air-gapped"
          ? "Under air-gapped nothing leads out, so there is nothing to let through."
          : "The file asks for no proxy, so pods that fetch weights reach the hub themselves.",
      ),
    );
  }
  const namespace = `${name}-${environment}-egress`;
  const proxy: Party = { kind: "pods", name: proxyRole, namespace, labels: { "freehold/role": proxyRole } };
  return decided(
    { namespace, service: proxyRole, proxy, workloads: consumersOf(config, ways).map(workloadOf) },
    residency?.egress !== undefined && mode === "none"
      ? because("residency.egress", "The file asks for it.")
      : becauseOfMode(residency, `Under ${mode} hosts are let out by name, and network policies know no names.`),
    policy(
      "It alone has a way out. Each workload has a port and a list of its own; tunnels are passed on unopened, and only to the host that their TLS names.",
    ),
  );
}

function workloadOf({ name, port, from, hosts, networks, byName }: Consumer): EgressWorkload {
  return {
    name,
    port,
    from,
    hosts: decided(readable(hosts.map(({ text }) => text)), ...reasonsOf(hosts.map(({ reason }) => reason))),
    networks,
    byName,
  };
}

/** Each host once, sorted. What names no single host is a finding of the file's own checks, and leads nowhere. */
function readable(texts: readonly string[]): EgressHost[] {
  const sorted = [...new Set(texts.filter((text) => hostProblem(text) === null))].sort();
  const hosts = sorted.map(hostAndPort);
  return hosts.filter(
    ({ host, port }, index) => hosts.findIndex((other) => other.host === host && other.port === port) === index,
  );
}

/** Each reason once, in order; the first of a list is never missing. */
function reasonsOf(reasons: readonly Reason[]): [Reason, ...Reason[]] {
  const [first = policy("It has no host outside to reach."), ...others] = reasons.filter(
    ({ path, text }, index) => reasons.findIndex((other) => other.path === path && other.text === text) === index,
  );
  return [first, ...others];
}
