import type { Decided, Reason } from "../blueprint.ts";
import type { Edge, EgressHost, FrontierFact, Party, ResidencyBlueprint } from "./facts.ts";

/** The residency of a stack as a section of its explanation: what may go where, and why. */
export function residencySection(facts: ResidencyBlueprint): string {
  const { mode, regions, registries, hub, endpoints, custody, escalation, promptLogging, signatures } = facts;
  const none = (items: readonly string[], otherwise: string) => (items.length === 0 ? otherwise : items.join(", "));
  return [
    "## What may go where",
    "",
    ...fact("Mode", mode.value, mode),
    ...fact(
      "Data is processed and kept in",
      regions.value === null ? "any place" : none(regions.value, "the building"),
      regions,
    ),
    ...fact(
      "Images come from",
      registries.value === null ? "any registry" : none(registries.value, "nowhere"),
      registries,
    ),
    ...fact("Weights come from", hub.value ?? "nowhere", hub),
    ...egressFacts(facts.egress),
    ...fact(
      "Signatures of weights are verified by",
      signatures.value === null ? "nobody" : signatures.value.image,
      signatures,
    ),
    ...fact("Escalated requests go to", none(endpoints.value, "nobody"), endpoints),
    ...facts.frontiers.flatMap(frontierFacts),
    ...Object.entries(escalation).flatMap(([name, cargo]) => fact(`Of the class ${name} leaves`, cargo.value, cargo)),
    ...fact("Keys are held by", custody.value.used, custody),
    ...fact("Prompts in logs", promptLogging.value, promptLogging),
    ...facts.kept.flatMap(({ by, what, where, time }) =>
      fact(`Kept of prompts by ${by} (${where})`, `${what}, ${time.value}`, time),
    ),
    "",
    "Connections that may be opened; every other one is denied:",
    "",
    ...flowTable(facts.edges),
    "",
    ...exceptionList(facts),
  ].join("\n");
}

function frontierFacts({ name, host, requests, because }: FrontierFact): string[] {
  const whose = requests.map(
    ({ dataClass, tenants, isRedacted }) => `${dataClass}${isRedacted ? " (redacted)" : ""} of ${tenants.join(", ")}`,
  );
  return [`- To ${name} at ${host} may go: ${whose.join("; ")}. ${because.map(reasonText).join(" ")}`];
}

function egressFacts(egress: ResidencyBlueprint["egress"]): string[] {
  const { value } = egress;
  if (value === null) return [];
  return [
    ...fact("Way out by name", `the proxy ${value.service} in ${value.namespace}`, egress),
    ...value.workloads.flatMap(({ name, port, hosts }) =>
      fact(`${name} is let through, on port ${port}, to`, hostsText(hosts.value), hosts),
    ),
  ];
}

/** Hosts with their ports: `hub.example.com:443`. */
function hostsText(hosts: readonly EgressHost[]): string {
  return hosts.length === 0 ? "nobody" : hosts.map(({ host, port }) => `${host}:${port}`).join(", ");
}

/** Who may talk to whom, as a Markdown table. */
export function flowTable(edges: readonly Edge[]): string[] {
  return [
    "| From | To | Ports | Why |",
    "|---|---|---|---|",
    ...edges.map(
      ({ from, to, ports, because }) =>
        `| ${partyText(from)} | ${partyText(to)} | ${ports.map(({ protocol, port }) => `${protocol} ${port}`).join(", ")} | ${because.map(({ text }) => text).join(" ")} |`,
    ),
  ];
}

/** One side of a connection in words. */
export function partyText(party: Party): string {
  if (party.kind === "names") return `${party.name} by name`;
  if (party.kind !== "networks") return party.name;
  const networks = party.networks.map(({ cidr, except }) =>
    except.length === 0 ? cidr : `${cidr} without ${except.join(", ")}`,
  );
  return `${party.name} at ${networks.join(" and ")}`;
}

function exceptionList({ exceptions }: ResidencyBlueprint): string[] {
  if (exceptions.length === 0) return ["No exception is in force."];
  return [
    "Exceptions:",
    "",
    ...exceptions.map(
      ({ name, rule, subject, acceptedBy, reason, until }) =>
        `- ${name}: ${rule} for \`${subject}\` until ${until}, accepted by ${acceptedBy}: ${reason}`,
    ),
  ];
}

function fact(title: string, value: string, { because }: Decided<unknown>): string[] {
  return [`- ${title}: ${value}. ${because.map(reasonText).join(" ")}`];
}

function reasonText({ path, text }: Reason): string {
  return `${text} (${path === "policy" ? "policy" : `\`${path}\``})`;
}
