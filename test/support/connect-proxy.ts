import * as http from "node:http";
import { connect } from "node:net";
import { start, stop } from "./loopback-server.ts";

export interface ConnectProxy {
  readonly host: string;
  /** What clients asked to be connected to, with the credentials they sent. */
  readonly connections: readonly { readonly authority: string; readonly authorization: string | null }[];
  close(): Promise<void>;
}

/**
 * A forward proxy on loopback. It knows its own hosts, so that a test reaches a name that no name server has: proof
 * that the client left resolving it to the proxy. `authorization` is what it asks for, if anything.
 */
export async function connectProxy(
  ports: Readonly<Record<string, number>>,
  authorization: string | null = null,
): Promise<ConnectProxy> {
  const connections: { authority: string; authorization: string | null }[] = [];
  const server = http.createServer((_, response) => {
    response.writeHead(405).end();
  });
  server.on("connect", (request, client, head) => {
    const authority = request.url ?? "";
    const given = request.headers["proxy-authorization"] ?? null;
    connections.push({ authority, authorization: given });
    client.on("error", () => client.destroy());
    if (authorization !== null && given !== authorization) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const port = ports[authority];
    if (port === undefined) {
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const target = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      target.write(head);
      target.pipe(client);
      client.pipe(target);
    });
    target.on("error", () => client.destroy());
    target.on("close", () => client.destroy());
    client.on("close", () => target.destroy());
  });
  const port = await start(server);
  return { host: `127.0.0.1:${port}`, connections, close: () => stop(server) };
}
