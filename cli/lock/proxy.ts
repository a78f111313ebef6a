import * as http from "node:http";
import * as https from "node:https";
import { BlockList, isIP, type Socket } from "node:net";
import { HttpFault, networkError, unusableSetting } from "./fault.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable in either case; the lower-case spelling wins, as it does in curl. */
export function setting(environment: Environment, ...names: readonly string[]): { name: string; value: string } | null {
  for (const name of names.flatMap((each) => [each.toLowerCase(), each])) {
    const value = environment[name];
    if (value !== undefined && value !== "") return { name, value };
  }
  return null;
}

/** True for this machine itself. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
}

/**
 * The proxy that a request goes through, or null for none: HTTPS_PROXY for https, HTTP_PROXY for http, ALL_PROXY for
 * either, unless NO_PROXY names the host. This machine itself is never asked through a proxy.
 */
export function proxyFor(url: URL, environment: Environment): URL | null {
  if (isLoopback(url.hostname) || bypasses(url, setting(environment, "NO_PROXY")?.value ?? "")) return null;
  const own = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const found = setting(environment, own, "ALL_PROXY");
  if (found === null) return null;
  const written = found.value.includes("://") ? found.value : `http://${found.value}`;
  const proxy = URL.canParse(written) ? new URL(written) : null;
  if (proxy === null || !["http:", "https:"].includes(proxy.protocol)) {
    // The value is not repeated: it may hold a password.
    throw unusableSetting(found.name, "it is not the address of an http or https proxy", "`http://host:port`");
  }
  return proxy;
}

/** `*`, a host, a domain with or without a leading dot, each with or without a port, an address or a CIDR block. */
function bypasses(url: URL, list: string): boolean {
  const hostname = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      if (entry.includes("/")) return inBlock(hostname, entry);
      const [, name = "", entryPort] = /^(.+?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
      if (entryPort !== undefined && entryPort !== port) return false;
      const bare = name
        .replace(/^\[|\]$/g, "")
        .replace(/^\*?\./, "")
        .toLowerCase();
      return hostname === bare || hostname.endsWith(`.${bare}`);
    });
}

function inBlock(hostname: string, block: string): boolean {
  const [network = "", bits = ""] = block.split("/");
  const version = isIP(network);
  if (version === 0 || version !== isIP(hostname) || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(hostname, family);
}

/** How a proxy is named in a message: never with its password. */
function shownProxy(proxy: URL): string {
  return proxy.host;
}

interface TunnelOptions {
  readonly proxy: URL;
  readonly target: URL;
  readonly ca: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** A connection to the target's port through a proxy, by CONNECT. What flows through it the proxy cannot read. */
export function openTunnel({ proxy, target, ca, signal }: TunnelOptions): Promise<Socket> {
  const authority = `${target.hostname}:${target.port === "" ? "443" : target.port}`;
  const refused = (detail: string, cause?: unknown) =>
    new HttpFault(target.host, { kind: "proxy", proxy: shownProxy(proxy), detail }, { cause });
  const user = decodeURIComponent(proxy.username);
  const basic = Buffer.from(`${user}:${decodeURIComponent(proxy.password)}`).toString("base64");
  return new Promise((resolve, reject) => {
    const { request } = proxy.protocol === "https:" ? https : http;
    const connect = request({
      method: "CONNECT",
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port === "" ? (proxy.protocol === "https:" ? 443 : 80) : Number(proxy.port),
      path: authority,
      headers: { host: authority, ...(user === "" ? {} : { "proxy-authorization": `Basic ${basic}` }) },
      agent: false,
      signal,
      ...(ca === undefined ? {} : { ca: [...ca] }),
    });
    connect.once("connect", ({ statusCode, statusMessage }, socket, head) => {
      if (statusCode === 200 && head.length === 0) return resolve(socket);
      socket.destroy();
      reject(refused(`answered ${statusCode} ${statusMessage}`.trimEnd()));
    });
    // A server that is no proxy answers CONNECT like any other request.
    connect.once("response", (response) => {
      response.resume();
      reject(refused(`answered ${response.statusCode} ${response.statusMessage}`.trimEnd()));
      connect.destroy();
    });
    connect.once("error", (error) =>
      reject(signal.aborted ? error : refused(`cannot be reached: ${networkError(error).detail}`, error)),
    );
    connect.end();
  });
}
