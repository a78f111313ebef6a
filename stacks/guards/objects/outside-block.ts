import { contains, parseNetwork } from "../../../config/network.ts";

/** Addresses on the node itself, where its DNS cache listens. */
const linkLocal = parseNetwork("169.254.0.0/16");

/** Whether a block holds more than one address of the node itself. */
export function leadsOut(cidr: string): boolean {
  const network = parseNetwork(cidr);
  const isSingle = network !== null && network.first === network.last;
  return !(isSingle && linkLocal !== null && contains(linkLocal, network));
}
