import type { Edge } from "../../../decisions/residency/facts.ts";
import { fields, list } from "../guard.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";

type Fields = Readonly<Record<string, unknown>>;

/** GRD-244: a service that is reached from outside lets in who was decided, through the policy of its own release and no other. */
export const serviceCallers: ObjectGuard = forObjects(
  "GRD-244",
  ["NetworkPolicy"],
  ({ namespace, body }, { residency, waysIn }) => {
    if (waysIn.every((way) => way.namespace !== namespace)) return [];
    const into = residency.edges.filter(({ to }) => to.kind === "pods" && to.namespace === namespace);
    return (
      list(fields(body.spec).ingress)
        .map(fields)
        .flatMap(({ from, ports }) => {
          const opened = into.filter((edge) => opensPort(list(ports).map(fields), edge));
          return opened.length === 0 ? [] : list(from).map((peer) => ({ peer: fields(peer), opened }));
        })
        // Who is named by addresses is GRD-215's affair.
        .filter(({ peer, opened }) => peer.ipBlock === undefined && !opened.some(({ from }) => isParty(peer, from)))
        .map(({ opened }) => `lets in more than ${opened.map(({ from }) => from.name).join(" and ")}`)
    );
  },
);

function opensPort(opened: readonly Fields[], { ports }: Edge): boolean {
  return (
    opened.length === 0 ||
    opened.some(({ port: first, endPort }) =>
      ports.some(({ port }) =>
        // A port by name may be any of the pod's.
        typeof first === "number" ? first <= port && port <= Number(endPort ?? first) : true,
      ),
    )
  );
}

/** Whether a peer is this party, or a part of it. */
function isParty({ namespaceSelector, podSelector }: Fields, party: Edge["from"]): boolean {
  return (
    party.kind === "clients" && holds(namespaceSelector, party.namespaceLabels) && holds(podSelector, party.labels)
  );
}

function holds(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  const wanted = fields(fields(selector).matchLabels);
  return Object.entries(labels).every(([key, value]) => wanted[key] === value);
}
