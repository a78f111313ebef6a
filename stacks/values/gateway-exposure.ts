import type { ExposureBlueprint } from "../../decisions/gateway/exposure-blueprint.ts";
import type { GatewayExposureValues } from "./gateway-exposure-schema.ts";

/** Values of `charts/gateway` that open the way in from outside the cluster. */
export function exposureValues(exposure: ExposureBlueprint): GatewayExposureValues {
  const { by, host, paths, from, timeoutSeconds, annotations } = exposure;
  const common = {
    by,
    host,
    paths: [...paths],
    ...(from.kind === "networks"
      ? { networks: from.networks.map(({ cidr }) => cidr) }
      : {
          controller: {
            namespace: from.namespaceLabels["kubernetes.io/metadata.name"] ?? "",
            labels: { ...from.labels },
          },
        }),
  };
  if (exposure.by === "http-route") {
    return { ...common, timeoutSeconds: timeoutSeconds.value, parent: { ...exposure.parent } };
  }
  const { secret, issuer } = exposure.tls;
  return {
    ...common,
    annotations: { ...annotations.value },
    tls: { secret, ...(issuer === null ? {} : { issuerKind: issuer.kind, issuer: issuer.name }) },
    ...(exposure.by === "ingress"
      ? { ingressClass: exposure.ingressClass }
      : {
          loadBalancerClass: exposure.className ?? "",
          sourceRanges: [...exposure.sourceRanges],
          securePort: exposure.port,
        }),
  };
}
