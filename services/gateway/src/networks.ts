import { BlockList, isIP } from "node:net";

/** Private, shared and loopback ranges: where pods and Services of a cluster live unless somebody chose otherwise. */
const privateRanges = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "::1/128",
  "fc00::/7",
];

/** IP ranges that connections of one backend may lead to. */
export class Networks {
  readonly #ranges: BlockList | null;

  private constructor(ranges: readonly string[] | null) {
    this.#ranges = ranges === null ? null : new BlockList();
    for (const range of ranges ?? []) {
      const [address = "", bits] = range.split("/");
      this.#ranges?.addSubnet(address, Number(bits), isIP(address) === 6 ? "ipv6" : "ipv4");
    }
  }

  /**
   * Those of a backend: what `networks` lists. Left out, a backend within the boundary whose addresses come from DNS is
   * held to private ranges, so that a forged answer leads nowhere else; all others may have any address.
   */
  static of(backend: {
    readonly networks?: readonly string[] | undefined;
    readonly resolve?: string | undefined;
    readonly location: "inside" | "outside";
  }): Networks {
    const isHeld = backend.resolve !== undefined && backend.location === "inside";
    return new Networks(backend.networks ?? (isHeld ? privateRanges : null));
  }

  contains(address: string): boolean {
    if (this.#ranges === null) return true;
    const family = isIP(address);
    return family !== 0 && this.#ranges.check(address, family === 6 ? "ipv6" : "ipv4");
  }

  /** Whether any address will do. */
  get isOpen(): boolean {
    return this.#ranges === null;
  }
}

/** Whether the text is a range as `10.0.0.0/8` is one. */
export function isNetwork(text: string): boolean {
  const [address = "", bits = "", ...more] = text.split("/");
  const family = isIP(address);
  return family !== 0 && more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32);
}
