import { request } from "node:http";
import { connect as connectSocket, type LookupFunction, type Socket } from "node:net";

/** A proxy that does not let a connection through, or does not answer: the backend behind it cannot be reached. */
class TunnelRefused extends Error {
  readonly code = "EHOSTUNREACH";
}

export interface TunnelOptions {
  /** `http://host:port`. */
  readonly proxy: string;
  /** Whom the proxy is asked for, as `host:port`. */
  readonly authority: string;
  readonly timeoutMilliseconds: number;
  /** How the proxy's own name is looked up. */
  readonly lookup: LookupFunction;
}

/** Opens a connection through a forward proxy by CONNECT; exactly one call of `callback` follows. */
export function openTunnel(
  { proxy, authority, timeoutMilliseconds, lookup }: TunnelOptions,
  callback: (error: Error | null, socket: Socket | null) => void,
): void {
  const { hostname, port } = new URL(proxy);
  const asked = request({
    method: "CONNECT",
    path: authority,
    headers: { host: authority },
    createConnection: () => connectSocket({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || 80, lookup }),
  });
  const fail = (error: Error) => {
    clearTimeout(timer);
    asked.removeAllListeners("error").on("error", () => {});
    asked.destroy();
    callback(error, null);
  };
  const timer = setTimeout(
    () => fail(new TunnelRefused(`The proxy did not answer within ${timeoutMilliseconds} ms.`)),
    timeoutMilliseconds,
  );
  asked.once("connect", ({ statusCode }, socket, head) => {
    if (statusCode !== 200 || head.length > 0) {
      socket.destroy();
      fail(new TunnelRefused(`The proxy does not let a connection to ${authority} through (${statusCode}).`));
      return;
    }
    clearTimeout(timer);
    callback(null, socket as Socket);
  });
  asked.once("response", ({ statusCode }) => fail(new TunnelRefused(`The proxy makes no tunnels (${statusCode}).`)));
  asked.once("error", fail);
  asked.end();
}
