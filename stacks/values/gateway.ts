import type { GatewayBlueprint } from "../../decisions/blueprint.ts";
import { wayOutVariables } from "../proxy-variables.ts";
import { exposureValues } from "./gateway-exposure.ts";
import type { GatewayValues } from "./gateway-schema.ts";
import { type ServiceContext, serviceBase } from "./service.ts";

/** Values of `charts/gateway`. What it leaves out has a default in the chart. */
export function gatewayValues(gateway: GatewayBlueprint, context: ServiceContext): GatewayValues {
  const variables = wayOutVariables(context.egress, "gateway");
  return {
    ...serviceBase(gateway, context),
    settings: { ...gateway.settings },
    ...(gateway.exposure === null ? {} : { exposure: exposureValues(gateway.exposure) }),
    ...(variables.length === 0 ? {} : { variables }),
    secrets: Object.fromEntries(
      gateway.secrets.flatMap(({ purpose, secret }) => (purpose === "certificate" ? [] : [[purpose, secret]])),
    ),
  };
}
