import { isPrivate, isWorldwide, parseNetwork } from "./network.ts";

/** What keeps a text from being a network of private addresses, as the end of a sentence; null when nothing does. */
export function insideNetworkProblem(text: string): string | null {
  const network = parseNetwork(text);
  return (
    networkProblem(text) ??
    (network !== null && isPrivate(network)
      ? null
      : "is not private address space, so that what stands there is outside")
  );
}

/** The same for a network of any addresses that is no more than one's own. */
export function networkProblem(text: string): string | null {
  const network = parseNetwork(text);
  if (network === null) return "is no network: its first address and a length, such as `10.40.7.0/24`";
  return isWorldwide(network) ? "covers hosts of strangers" : null;
}

/** Whether it is said where something stands inside; what stands in no named place is outside, and the proxy leads there. */
export function isInside({ pods, networks }: { readonly pods?: unknown; readonly networks?: unknown }): boolean {
  return pods !== undefined || networks !== undefined;
}

/** Namespace of a Service that a host's name stands for; null where it stands for none. */
export function serviceNamespace(hostname: string): string | null {
  const [, namespace = null] = /^[a-z0-9-]+\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?$/.exec(hostname) ?? [];
  return namespace;
}

/** Port of an address: the one it names, or its scheme's. */
export function portOf(address: string): number {
  const { port, protocol } = new URL(address);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}
