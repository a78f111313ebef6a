import { fields, list } from "../guard.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";
import { leadsOut } from "./outside-block.ts";

/** GRD-250: where there is a proxy, no policy lets anybody else out. */
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
    const isOfProxy =
      namespace === egress.namespace &&
      Object.entries(egress.proxy.labels).every(([key, value]) => selected[key] === value);
    return isOfProxy ? [] : blocks.map((cidr) => `lets other pods than the proxy reach ${cidr}`);
  },
);
