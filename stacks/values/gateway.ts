import type { GatewayBlueprint } from "../../decisions/blueprint.ts";
import type { EgressFacts } from "../../decisions/residency/facts.ts";
import { proxyVariables } from "../proxy-variables.ts";
import { cores, quantity } from "../quantity.ts";
import { exposureValues } from "./gateway-exposure.ts";
import type { GatewayValues } from "./gateway-schema.ts";
import type { ModelServerContext } from "./model-server.ts";

interface GatewayContext extends Pick<ModelServerContext, "stack" | "environment"> {
  /** The proxy that is the only way out; null where there is none. */
  readonly egress: EgressFacts | null;
}

/** Values of `charts/gateway`. What it leaves out has a default in the chart. */
export function gatewayValues(
  gateway: GatewayBlueprint,
  { stack, environment, egress }: GatewayContext,
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
    ...(egress?.workloads.some(({ name }) => name === "gateway") === true
      ? { variables: proxyVariables(egress, "gateway") }
      : {}),
    secrets: Object.fromEntries(
      gateway.secrets.flatMap(({ purpose, secret }) => (purpose === "certificate" ? [] : [[purpose, secret]])),
    ),
  };
}
