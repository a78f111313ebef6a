import { contains, isPrivate, parseNetwork } from "../../../config/network.ts";
import type { Party, ResidencyBlueprint } from "../../../decisions/residency/facts.ts";
import { fields, list } from "../guard.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";
import { leadsOut } from "./outside-block.ts";

type Pods = Extract<Party, { readonly kind: "pods" }>;

/** GRD-250: where there is a proxy, no policy lets anybody else out; private networks that were decided for a workload are not out. */
export const egressThroughProxy: ObjectGuard = forObjects(
  "GRD-250",
  ["NetworkPolicy"],
  ({ body, namespace }, { residency }) => {
    const egress = residency.egress.value;
    if (egress === null) return [];
    const spec = fields(body.spec);
    const blocks = list(spec.egress)
      .flatMap((rule) => list(fields(rule).to))
      .flatMap((peer) => fields(peer).ipBlock ?? [])
      .map((block) => String(fields(block).cidr))
      .filter(leadsOut);
    const selected = fields(fields(spec.podSelector).matchLabels);
    const isOf = (pods: Pods) =>
      namespace === pods.namespace && Object.entries(pods.labels).every(([key, value]) => selected[key] === value);
    if (isOf(egress.proxy)) return [];
    const own = residency.edges.filter(({ from }) => from.kind === "pods" && isOf(from));
    return blocks
      .filter((cidr) => !isDecidedInside(cidr, own))
      .map((cidr) => `lets other pods than the proxy reach ${cidr}`);
  },
);

function isDecidedInside(cidr: string, edges: ResidencyBlueprint["edges"]): boolean {
  const block = parseNetwork(cidr);
  const networks = edges.flatMap(({ to }) => (to.kind === "networks" ? to.networks : []));
  return (
    block !== null &&
    isPrivate(block) &&
    networks.flatMap((network) => parseNetwork(network.cidr) ?? []).some((outer) => contains(outer, block))
  );
}
