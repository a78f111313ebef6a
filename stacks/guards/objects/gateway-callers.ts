import type { Edge } from "../../../decisions/residency/facts.ts";
import { fields, list } from "../guard.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";

type Fields = Readonly<Record<string, unknown>>;

/** GRD-244: a gateway that is reached from outside lets in who was decided, through the policy of its own release and no other. */
export const gatewayCallers: ObjectGuard = forObjects(
  "GRD-244",
  ["NetworkPolicy"],
  ({ namespace, body }, { residency, exposure }) => {
    if (exposure === null || namespace !== exposure.namespace) return [];
    const into = residency.edges.filter(({ to }) => to.kind === "pods" && to.namespace === namespace);
    return list(fields(body.spec).ingress)
      .map(fields)
      .filter(({ ports }) => opensPort(list(ports).map(fields), exposure.port))
      .flatMap(({ from }) => list(from).map(fields))
      .filter((peer) => !into.some((edge) => isParty(peer, edge.from)))
      .map(() => `lets in more than ${into.map(({ from }) => from.name).join(" and ")}`);
  },
);

function opensPort(ports: readonly Fields[], port: number): boolean {
  return (
    ports.length === 0 ||
    ports.some(({ port: first, endPort }) =>
      typeof first === "number" ? first <= port && port <= Number(endPort ?? first) : true,
    )
  );
}

/** Whether a peer is this party, or a part of it. */
function isParty({ ipBlock, namespaceSelector, podSelector }: Fields, party: Edge["from"]): boolean {
  if (party.kind !== "clients" || ipBlock !== undefined) return false;
  return holds(namespaceSelector, party.namespaceLabels) && holds(podSelector, party.labels);
}

function holds(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  const wanted = fields(fields(selector).matchLabels);
  return Object.entries(labels).every(([key, value]) => wanted[key] === value);
}
