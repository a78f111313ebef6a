import type { Edge, Party } from "../../../decisions/residency/facts.ts";
import { fields, list } from "../guard.ts";
import { isAnybody } from "./egress-as-decided.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";

type Fields = Readonly<Record<string, unknown>>;

/** GRD-254: pods reach the pods that were decided and no others: any other could pass on what it is given. */
export const waysInside: ObjectGuard = forObjects(
  "GRD-254",
  ["NetworkPolicy"],
  ({ namespace, body }, { residency }) => {
    const spec = fields(body.spec);
    const selected = fields(fields(spec.podSelector).matchLabels);
    const own = residency.edges.filter(
      ({ from }) => from.kind === "pods" && from.namespace === namespace && holds(selected, from.labels),
    );
    return list(spec.egress)
      .map(fields)
      .flatMap(({ to, ports }) =>
        list(to)
          .map(fields)
          // Addresses and everybody are GRD-213's affair.
          .filter((peer) => peer.ipBlock === undefined && !isAnybody(peer))
          .filter((peer) => !own.some((edge) => isParty(peer, edge.to) && opensNoMore(list(ports).map(fields), edge)))
          .map(({ podSelector }) => `lets pods reach ${nameOf(fields(podSelector))}, which was not decided`),
      );
  },
);

/** The far side of a connection as a policy selects it, or a part of it. */
function isParty({ namespaceSelector, podSelector }: Fields, party: Party): boolean {
  const [namespace, pods] = [namespaceSelector, podSelector].map((selector) => fields(fields(selector).matchLabels));
  if (namespace === undefined || pods === undefined) return false;
  switch (party.kind) {
    case "pods":
      return holds(namespace, { "kubernetes.io/metadata.name": party.namespace }) && holds(pods, party.labels);
    case "dns":
      return (
        holds(namespace, { "kubernetes.io/metadata.name": "kube-system" }) && holds(pods, { "k8s-app": "kube-dns" })
      );
    case "clients":
      return holds(namespace, party.namespaceLabels) && holds(pods, party.labels);
    default:
      return false;
  }
}

function opensNoMore(opened: readonly Fields[], { ports }: Edge): boolean {
  return (
    opened.length > 0 &&
    opened.every(
      ({ port: asked, protocol = "TCP", endPort }) =>
        endPort === undefined && ports.some((own) => String(own.port) === String(asked) && own.protocol === protocol),
    )
  );
}

function holds(selector: Fields, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([key, value]) => selector[key] === value);
}

function nameOf({ matchLabels }: Fields): string {
  const labels = Object.entries(fields(matchLabels)).map(([key, value]) => `${key}=${String(value)}`);
  return labels.length === 0 ? "pods without naming a label" : labels.join(",");
}
