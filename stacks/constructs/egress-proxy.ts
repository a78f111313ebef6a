import { Release } from "@cdktf/provider-helm/lib/release/index.js";
import { Construct } from "constructs";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { egressProxyValues } from "../values/egress-proxy.ts";
import type { Boundary } from "./boundary.ts";
import type { ChartSource } from "./chart-release.ts";
import { chartRelease } from "./chart-release.ts";

export interface EgressProxyProps {
  readonly blueprint: Blueprint;
  readonly boundary: Boundary;
  readonly chart: ChartSource;
}

/** An image of 60 MiB and two pods that are ready within a second; the rest is for a slow registry. Seconds. */
const timeoutSeconds = 600;
/** The only pods of a stack with a way out, in a namespace of their own. */
export class EgressProxy extends Construct {
  constructor(scope: Construct, id: string, { blueprint, boundary, chart }: EgressProxyProps) {
    super(scope, id);
    const { egressProxy, residency } = blueprint;
    const egress = residency.egress.value;
    if (egress === null || egressProxy === null) throw new Error("The Blueprint has no proxy.");
    new Release(this, "release", {
      dependsOn: [boundary.namespace],
      name: egress.service,
      namespace: egress.namespace,
      ...chartRelease(chart, egressProxyValues(blueprint, egress, egressProxy), timeoutSeconds),
    });
  }
}
