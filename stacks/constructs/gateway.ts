import { Release } from "@cdktf/provider-helm/lib/release/index.js";
import { Construct } from "constructs";
import type { GatewayBlueprint } from "../../decisions/blueprint.ts";
import type { EgressFacts } from "../../decisions/residency/facts.ts";
import { gatewayValues } from "../values/gateway.ts";
import type { ChartSource } from "./chart-release.ts";
import { chartRelease } from "./chart-release.ts";

export interface GatewayProps {
  readonly gateway: GatewayBlueprint;
  /** Name and environment of the stack file. */
  readonly stack: string;
  readonly environment: string;
  /** The proxy that is the only way out; null where there is none. */
  readonly egress: EgressFacts | null;
  readonly chart: ChartSource;
}

/** The one door to every model. It waits for no engine: what is not there yet is answered with a wait. */
export class Gateway extends Construct {
  constructor(scope: Construct, id: string, { gateway, stack, environment, egress, chart }: GatewayProps) {
    super(scope, id);
    new Release(this, "release", {
      name: gateway.release,
      namespace: gateway.namespace,
      ...chartRelease(
        chart,
        gatewayValues(gateway, { stack, environment, egress }),
        gateway.releaseTimeoutSeconds.value,
      ),
    });
  }
}
