import { contains, parseNetwork } from "../../../config/network.ts";
import type { Party } from "../../../decisions/residency/facts.ts";
import { fields, list } from "../guard.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";
import { leadsOut } from "./outside-block.ts";

/** GRD-213: what a policy lets out was decided: no address beyond the networks of the Blueprint, and never anybody. */
export const egressAsDecided: ObjectGuard = forObjects("GRD-213", ["NetworkPolicy"], ({ body }, { residency }) => {
  const allowed = residency.edges.flatMap(({ to }) => cidrs(to)).flatMap((cidr) => parseNetwork(cidr) ?? []);
  return list(fields(body.spec).egress)
    .map(fields)
    .flatMap(({ to }) => {
      const peers = list(to).map(fields);
      if (peers.length === 0) return ["lets pods reach everything"];
      return peers.flatMap((peer) => {
        if (peer.ipBlock === undefined) return isAnybody(peer) ? ["lets pods reach every pod of the cluster"] : [];
        const cidr = String(fields(peer.ipBlock).cidr);
        const network = parseNetwork(cidr);
        const isDecided = network !== null && allowed.some((outer) => contains(outer, network));
        return isDecided || !leadsOut(cidr) ? [] : [`lets pods reach ${cidr}`];
      });
    });
});

function cidrs(to: Party): readonly string[] {
  return to.kind === "networks" ? to.networks.map(({ cidr }) => cidr) : [];
}

/** Whether a peer is every pod of the cluster. */
export function isAnybody({ namespaceSelector, podSelector }: Readonly<Record<string, unknown>>): boolean {
  return (
    namespaceSelector !== undefined &&
    Object.keys(fields(namespaceSelector)).length === 0 &&
    Object.keys(fields(podSelector)).length === 0
  );
}
