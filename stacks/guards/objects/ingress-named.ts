import { contains, parseNetwork } from "../../../config/network.ts";
import type { ExposureBlueprint } from "../../../decisions/exposure/blueprint.ts";
import { fields, list } from "../guard.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";

/** GRD-215: who may connect is named by labels, and to which port; callers of the decided load balancer by their networks. */
export const ingressNamed: ObjectGuard = forObjects("GRD-215", ["NetworkPolicy"], ({ namespace, body }, { waysIn }) =>
  list(fields(body.spec).ingress)
    .map(fields)
    .flatMap(({ from, ports }) => {
      const peers = list(from).map(fields);
      return [
        ...(peers.length === 0 ? ["lets in whoever asks"] : []),
        ...(list(ports).length === 0 ? ["lets in to every port"] : []),
        ...peers
          .filter((peer) => !waysIn.some((way) => isCallerOfBalancer(peer, list(ports).map(fields), namespace, way)))
          .flatMap(peerProblems),
      ];
    }),
);

function peerProblems({
  ipBlock,
  namespaceSelector,
  podSelector,
}: Readonly<Record<string, unknown>>): readonly string[] {
  if (ipBlock !== undefined) return [`lets in the addresses ${fields(ipBlock).cidr}`];
  const isOpen = (selector: unknown) => Object.keys(fields(selector)).length === 0;
  // A namespace that is named, such as the one of the metrics, may be open as a whole.
  return isOpen(namespaceSelector) && isOpen(podSelector) ? ["lets in every pod"] : [];
}

function isCallerOfBalancer(
  { ipBlock }: Readonly<Record<string, unknown>>,
  ports: readonly Readonly<Record<string, unknown>>[],
  namespace: string | null,
  exposure: ExposureBlueprint,
): boolean {
  return (
    exposure.from.kind === "networks" &&
    namespace === exposure.namespace &&
    ports.every(({ port, endPort }) => port === exposure.port && endPort === undefined) &&
    isWithin(fields(ipBlock).cidr, exposure.from.networks)
  );
}

/** Whether a block lies in one of the networks. */
function isWithin(cidr: unknown, networks: readonly { readonly cidr: string }[]): boolean {
  const inner = parseNetwork(String(cidr));
  return networks.some((network) => {
    const outer = parseNetwork(network.cidr);
    return inner !== null && outer !== null && contains(outer, inner);
  });
}
