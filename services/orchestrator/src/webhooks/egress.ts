import { lookup } from "node:dns";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Networks that a webhook reaches only when the settings list them: those of this machine, of the cluster and of nobody. */
const inward = blockListOf([
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4", "::/127", "64:ff9b::/96", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10"],
  "ff00::/8",
]);

/** The address may not be asked, now or later. */
export class EgressRefused extends Error {
  override name = "EgressRefused";
}

/** A list of networks in the form `10.0.0.0/8`. */
export function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

/**
 * Posts the body and returns the status; redirects are answers like any other. The connection goes to the very address
 * that was checked: a name that resolves differently a moment later leads nowhere else.
 */
export function post(
  url: URL,
  headers: Record<string, string>,
  body: string,
  options: { listedNetworks: BlockList; timeoutMilliseconds: number },
): Promise<number> {
  const isAllowed = (address: string) => {
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    return !inward.check(address, family) || options.listedNetworks.check(address, family);
  };
  const checkedLookup: LookupFunction = (hostname, lookupOptions, callback) =>
    lookup(hostname, { ...lookupOptions, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, "", 0);
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isAllowed(address))) {
        return callback(new EgressRefused(`${hostname} leads to an address inside that is not listed.`), "", 0);
      }
      return lookupOptions.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    // A literal address is never looked up.
    if (isIP(host) !== 0 && !isAllowed(host))
      throw new EgressRefused(`${host} is an address inside that is not listed.`);
    const send = url.protocol === "https:" ? secureRequest : plainRequest;
    const request = send(url, {
      method: "POST",
      agent: false,
      lookup: checkedLookup,
      signal: AbortSignal.timeout(options.timeoutMilliseconds),
      headers: { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
    });
    request.on("error", reject);
    request.on("response", (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.end(body);
  });
}
