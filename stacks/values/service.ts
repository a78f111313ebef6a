import type { ServiceBlueprint } from "../../decisions/blueprint.ts";
import type { EgressFacts } from "../../decisions/residency/facts.ts";
import { cores, quantity } from "../quantity.ts";

/** What the values of a service say beside what was decided of it. */
export interface ServiceContext {
  /** Name and environment of the stack file. */
  readonly stack: string;
  readonly environment: string;
  /** The proxy that is the only way out; null where there is none. */
  readonly egress: EgressFacts | null;
}

/** Values that the charts of all services of Freehold's own share. */
export function serviceBase(
  { image, replicas, port, adminPort, cpu, memoryBytes, drain, exposure, secrets }: ServiceBlueprint,
  { stack, environment }: ServiceContext,
) {
  const { preStopSeconds, terminationGracePeriodSeconds } = drain.value;
  return {
    stack,
    environment,
    image: image.value.deployed,
    allowUnlocked: image.value.digest === null,
    replicas: replicas.value,
    ports: { api: port, admin: adminPort },
    resources: { cpu: cores(cpu.value.requestMillicores), memory: quantity(memoryBytes.value) },
    drain: { preStopSeconds, terminationGracePeriodSeconds },
    ...(exposure?.from.kind === "clients"
      ? {
          controller: {
            namespace: exposure.from.namespaceLabels["kubernetes.io/metadata.name"] ?? "",
            labels: { ...exposure.from.labels },
          },
        }
      : {}),
    // The certificate of a way in is not read by the service behind it.
    secrets: Object.fromEntries(
      secrets.flatMap(({ purpose, secret }) => (purpose === "certificate" ? [] : [[purpose, secret]])),
    ),
  };
}
