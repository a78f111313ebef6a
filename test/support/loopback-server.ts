import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Certificate } from "./certificate.ts";

export interface LoopbackServer {
  /** Scheme, `127.0.0.1` (or `localhost` with TLS) and port. */
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  /** Every request so far. */
  readonly requests: readonly {
    readonly method: string;
    readonly url: string;
    readonly headers: http.IncomingHttpHeaders;
  }[];
  close(): Promise<void>;
}

/** A server on a free loopback port that answers with `handler`, over TLS when a certificate is given. */
export async function listen(handler: http.RequestListener, certificate?: Certificate): Promise<LoopbackServer> {
  const requests: { method: string; url: string; headers: http.IncomingHttpHeaders }[] = [];
  const record: http.RequestListener = (request, response) => {
    requests.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
    handler(request, response);
  };
  const server = certificate === undefined ? http.createServer(record) : https.createServer(certificate, record);
  const port = await start(server);
  const host = `${certificate === undefined ? "127.0.0.1" : "localhost"}:${port}`;
  const origin = `${certificate === undefined ? "http" : "https"}://${host}`;
  return { origin, host, port, requests, close: () => stop(server) };
}

/** Listens on a free loopback port. */
export async function start(server: http.Server | https.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.once("stop", () => {
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** Closes a server and every connection that is still open to it. */
export async function stop(server: http.Server | https.Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.emit("stop");
  await closed;
}

/** Hands a request on to another loopback server and its answer back, unchanged. */
export function forward(host: string): http.RequestListener {
  return (request, response) => {
    const { method, url, headers } = request;
    const inner = http.request(`http://${host}${url}`, { method, headers: { ...headers, host } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    inner.on("error", () => response.destroy());
    request.pipe(inner);
  };
}
