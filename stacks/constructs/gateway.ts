import { Release } from "@cdktf/provider-helm/lib/release/index.js";
import { Construct } from "constructs";
import type { GatewayBlueprint } from "../../decisions/blueprint.ts";
import { gatewayValues } from "../values/gateway.ts";
import type { ServiceContext } from "../values/service.ts";
import type { ChartSource } from "./chart-release.ts";
import { chartRelease } from "./chart-release.ts";
import { WayIn } from "./way-in.ts";

export interface GatewayProps extends ServiceContext {
  readonly gateway: GatewayBlueprint;
  readonly chart: ChartSource;
  readonly wayInChart: ChartSource;
}

/** The one door to every model. It waits for no engine: what is not there yet is answered with a wait. */
export class Gateway extends Construct {
  constructor(scope: Construct, id: string, { gateway, chart, wayInChart, ...context }: GatewayProps) {
    super(scope, id);
    const service = new Release(this, "release", {
      name: gateway.release,
      namespace: gateway.namespace,
      ...chartRelease(chart, gatewayValues(gateway, context), gateway.releaseTimeoutSeconds.value),
    });
    const { exposure } = gateway;
    if (exposure !== null) new WayIn(this, "way-in", { ...context, exposure, chart: wayInChart, service });
  }
}
