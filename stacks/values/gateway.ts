import type { GatewayBlueprint } from "../../decisions/blueprint.ts";
import { cores, quantity } from "../quantity.ts";
import { exposureValues } from "./gateway-exposure.ts";
import type { GatewayValues } from "./gateway-schema.ts";
import type { ModelServerContext } from "./model-server.ts";

/** Values of `charts/gateway`. What it leaves out has a default in the chart. */
export function gatewayValues(
  gateway: GatewayBlueprint,
  { stack, environment }: Pick<ModelServerContext, "stack" | "environment">,
): GatewayValues {
  const { preStopSeconds, terminationGracePeriodSeconds } = gateway.drain.value;
  return {
    stack,
    environment,
    image: gateway.image.value.deployed,
    allowUnlocked: gateway.image.value.digest === null,
    replicas: gateway.replicas.value,
    ports: { api: gateway.port, admin: gateway.adminPort },
    resources: {
      cpu: cores(gateway.cpu.value.requestMillicores),
      memory: quantity(gateway.memoryBytes.value),
    },
    drain: { preStopSeconds, terminationGracePeriodSeconds },
    settings: { ...gateway.settings },
    ...(gateway.exposure === null ? {} : { exposure: exposureValues(gateway.exposure) }),
    secrets: Object.fromEntries(
      gateway.secrets.flatMap(({ purpose, secret }) => (purpose === "certificate" ? [] : [[purpose, secret]])),
    ),
  };
}
