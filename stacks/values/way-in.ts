import type { ExposureBlueprint } from "../../decisions/exposure/blueprint.ts";
import type { ServiceContext } from "./service.ts";
import type { WayInValues } from "./way-in-schema.ts";

/** Values of `charts/way-in`. */
export function wayInValues(
  exposure: ExposureBlueprint,
  { stack, environment }: Pick<ServiceContext, "stack" | "environment">,
): WayInValues {
  const { by, host, paths, pathMatch, service, port, timeoutSeconds, annotations } = exposure;
  const common = { stack, environment, by, host, paths: [...paths], pathMatch, service: { name: service, port } };
  if (exposure.by === "http-route") {
    return { ...common, timeoutSeconds: timeoutSeconds.value, parent: { ...exposure.parent } };
  }
  const { secret, issuer } = exposure.tls;
  const shown = {
    ...common,
    annotations: { ...annotations.value },
    tls: { secret, ...(issuer === null ? {} : { issuerKind: issuer.kind, issuer: issuer.name }) },
  };
  if (exposure.by === "ingress") return { ...shown, ingressClass: exposure.ingressClass };
  return {
    ...shown,
    service: { name: service, port, app: service },
    ...(exposure.className === null ? {} : { loadBalancerClass: exposure.className }),
    sourceRanges: [...exposure.sourceRanges],
  };
}
