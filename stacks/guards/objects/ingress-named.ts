import { fields, list } from "../guard.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";

/** GRD-215: who may connect is named by labels, and to which port. */
export const ingressNamed: ObjectGuard = forObjects("GRD-215", ["NetworkPolicy"], ({ body }) =>
  list(fields(body.spec).ingress)
    .map(fields)
    .flatMap(({ from, ports }) => {
      const peers = list(from).map(fields);
      return [
        ...(peers.length === 0 ? ["lets in whoever asks"] : []),
        ...(list(ports).length === 0 ? ["lets in to every port"] : []),
        ...peers.flatMap(peerProblems),
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
