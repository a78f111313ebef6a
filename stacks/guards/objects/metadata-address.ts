import { contains, metadataAddresses, parseNetwork } from "../../../config/network.ts";
import { fields, list } from "../guard.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";

const addresses = metadataAddresses.flatMap((text) => {
  const network = parseNetwork(text);
  return network === null ? [] : [{ text: text.replace(/\/.*$/, ""), network }];
});

/** GRD-214: the address that hands out the node's credentials is in no block of any policy. */
export const metadataAddress: ObjectGuard = forObjects("GRD-214", ["NetworkPolicy"], ({ body }) =>
  list(fields(body.spec).egress)
    .flatMap((rule) => list(fields(rule).to))
    .flatMap((peer) => {
      const { cidr, except } = fields(fields(peer).ipBlock);
      const block = parseNetwork(String(cidr));
      const left = list(except).flatMap((text) => parseNetwork(String(text)) ?? []);
      return addresses
        .filter(({ network }) => block !== null && contains(block, network))
        .filter(({ network }) => !left.some((outer) => contains(outer, network)))
        .map(({ text }) => `does not leave out ${text}`);
    }),
);
