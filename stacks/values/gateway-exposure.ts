import type { ExposureBlueprint } from "../../decisions/gateway/exposure-blueprint.ts";
import type { GatewayExposureValues } from "./gateway-exposure-schema.ts";

/** Values of `charts/gateway` that open the way in from outside the cluster. */
export function exposureValues(exposure: ExposureBlueprint): GatewayExposureValues {
  const { by, host, paths, from, timeoutSeconds, annotations } = exposure;
  if (from.kind !== "clients") throw new Error("Whoever passes requests on is named by labels.");
  const common = {
    by,
    host,
    paths: [...paths],
    controller: { namespace: from.namespaceLabels["kubernetes.io/metadata.name"] ?? "", labels: { ...from.labels } },
  };
  if (exposure.by === "http-route") {
    return { ...common, timeoutSeconds: timeoutSeconds.value, parent: { ...exposure.parent } };
  }
  const { secret, issuer } = exposure.tls;
  return {
    ...common,
    annotations: { ...annotations.value },
    ingressClass: exposure.ingressClass,
    tls: { secret, ...(issuer === null ? {} : { issuerKind: issuer.kind, issuer: issuer.name }) },
  };
}
