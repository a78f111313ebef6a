import type { GatewayBlueprint } from "../../decisions/blueprint.ts";
import type { LoadBalancerExposure } from "../../decisions/exposure/blueprint.ts";
import { wayOutVariables } from "../proxy-variables.ts";
import type { GatewayValues } from "./gateway-schema.ts";
import { type ServiceContext, serviceBase } from "./service.ts";

/** Values of `charts/gateway`. What it leaves out has a default in the chart. */
export function gatewayValues(gateway: GatewayBlueprint, context: ServiceContext): GatewayValues {
  const { exposure } = gateway;
  const variables = wayOutVariables(context.egress, "gateway");
  return {
    ...serviceBase(gateway, context),
    settings: { ...gateway.settings },
    ...(exposure?.by === "load-balancer" ? { secure: secureValues(exposure) } : {}),
    ...(variables.length === 0 ? {} : { variables }),
  };
}

function secureValues({ port, tls, from }: LoadBalancerExposure): NonNullable<GatewayValues["secure"]> {
  return { port, secret: tls.secret, networks: from.kind === "networks" ? from.networks.map(({ cidr }) => cidr) : [] };
}
