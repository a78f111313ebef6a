import type { Edge, Party } from "../../../decisions/residency/facts.ts";
import { fields, list } from "../guard.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";

type Labels = Readonly<Record<string, unknown>>;
type Pods = Extract<Party, { readonly kind: "pods" }>;

/** GRD-240: what only other pods of the stack may call, such as an engine behind the gateway, lets in nobody else. */
export const behindGateway: ObjectGuard = forObjects("GRD-240", ["NetworkPolicy"], (object, { residency }) => {
  const spec = fields(object.body.spec);
  const selector = fields(fields(spec.podSelector).matchLabels);
  const into = residency.edges.filter(({ to }) => isSelected(to, object.namespace, selector));
  const callers = into.flatMap(({ from }) => (from.kind === "pods" ? [from] : []));
  // What marked pods of any workload may call is guarded by the labels that GRD-215 asks for.
  if (callers.length === 0 || callers.length < into.length) return [];
  return list(spec.ingress)
    .flatMap((rule) => list(fields(rule).from).map(fields))
    .filter((peer) => !callers.some((caller) => isPeer(peer, caller)))
    .map(() => `lets in more than ${callers.map(({ name }) => name).join(" and ")}`);
});

/** Whether a policy selects the pods that a connection leads to. */
function isSelected(to: Edge["to"], namespace: string | null, selector: Labels): boolean {
  return (
    to.kind === "pods" &&
    to.namespace === namespace &&
    Object.keys(selector).length > 0 &&
    Object.entries(selector).every(([key, value]) => to.labels[key] === value)
  );
}

/** Whether a peer is these pods and no others. */
function isPeer(peer: Labels, { namespace, labels }: Pods): boolean {
  const names = fields(fields(peer.namespaceSelector).matchLabels);
  const wanted = fields(fields(peer.podSelector).matchLabels);
  return (
    names["kubernetes.io/metadata.name"] === namespace &&
    Object.entries(labels).every(([key, value]) => wanted[key] === value)
  );
}
