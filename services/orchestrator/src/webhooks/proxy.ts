import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import type { Socket } from "node:net";

/** Receivers stand outside, and there is no proxy that leads there. */
export class NoProxy extends Error {
  override name = "NoProxy";
}

/** The proxy that the environment names: `http://`, a host and a port. */
export function proxyOf(text: string | undefined): string {
  if (text !== undefined && URL.canParse(text) && new URL(text).protocol === "http:") return text;
  throw new NoProxy(
    "webhooks.proxied names receivers outside, and HTTPS_PROXY names no http:// proxy that leads there.",
  );
}

/**
 * Posts the body to a host outside and returns the status. The connection is TLS from end to end, in a tunnel that the proxy
 * opens to the hosts that it knows: it looks the name up, and it alone says which addresses are outside.
 */
export async function postThrough(
  proxy: string,
  url: URL,
  headers: Record<string, string>,
  body: string,
  timeoutMilliseconds: number,
): Promise<number> {
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  const socket = await tunnel(proxy, `${url.hostname}:${url.port || 443}`, signal);
  return new Promise((resolve, reject) => {
    const request = secureRequest(url, {
      method: "POST",
      agent: false,
      socket,
      signal,
      headers: { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
    } as Parameters<typeof secureRequest>[1] & { socket: Socket });
    request.on("error", reject);
    request.on("response", (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.end(body);
  });
}

function tunnel(proxy: string, authority: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = plainRequest(proxy, { method: "CONNECT", path: authority, agent: false, signal });
    request.on("error", reject);
    request.on("connect", ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`The proxy refused ${authority}: ${statusCode}.`));
    });
    request.end();
  });
}
