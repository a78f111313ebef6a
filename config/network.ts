/** A network in the form `address/length`, taken apart. */
export interface Network {
  readonly family: "ipv4" | "ipv6";
  /** First address, as a number. */
  readonly first: bigint;
  readonly last: bigint;
  readonly prefixLength: number;
}

const bitsOf = { ipv4: 32, ipv6: 128 } as const;

/** The network that a text names, or null. An address with bits behind its length is none: it says two things. */
export function parseNetwork(text: string): Network | null {
  const [, address = "", length = ""] = /^([0-9a-fA-F:.]+)\/([0-9]{1,3})$/.exec(text) ?? [];
  const family = address.includes(":") ? "ipv6" : "ipv4";
  const first = family === "ipv4" ? ipv4(address) : ipv6(address);
  const prefixLength = Number(length);
  if (first === null || length === "" || prefixLength > bitsOf[family]) return null;
  const size = 1n << BigInt(bitsOf[family] - prefixLength);
  return first % size === 0n ? { family, first, last: first + size - 1n, prefixLength } : null;
}

function ipv4(text: string): bigint | null {
  const parts = text.split(".");
  // A leading zero means octal to some readers.
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256))
    return null;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function ipv6(text: string): bigint | null {
  const [head = "", tail, ...rest] = text.split("::");
  if (rest.length > 0) return null;
  const words = (part: string) => (part === "" ? [] : part.split(":"));
  const [before, after] = [words(head), tail === undefined ? [] : words(tail)];
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const all = [...before, ...Array.from({ length: missing }, () => "0"), ...after];
  if (!all.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word))) return null;
  return all.reduce((sum, word) => sum * 65_536n + BigInt(`0x${word}`), 0n);
}

/** Whether every address of `inner` lies in `outer`. */
export function contains(outer: Network, inner: Network): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** Address ranges that are never routed on the internet (RFC 1918, RFC 6598, RFC 4193). */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];

/** Whether a network lies in address space that buildings and clouds use inside. */
export function isPrivate(network: Network): boolean {
  return privateRanges.some((range) => {
    const outer = parseNetwork(range);
    return outer !== null && contains(outer, network);
  });
}

/**
 * Shortest length of a network that counts as an allow-list and not as the world: a whole private range, a provider's
 * block of a million addresses, or one site's IPv6 block.
 */
export function isWorldwide(network: Network): boolean {
  if (isPrivate(network)) return network.prefixLength < 8;
  return network.prefixLength < (network.family === "ipv4" ? 12 : 32);
}

/** Where clouds hand out the node's credentials to whoever asks. */
export const metadataAddresses = ["169.254.169.254/32", "fd00:ec2::254/128"] as const;
