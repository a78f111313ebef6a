import { createServer, type Server } from "node:http";
import type { Gateway } from "./gateway.ts";

/** Health and metrics, on a port of their own that callers do not reach. */
export function adminServer(gateway: Gateway): Server {
  return createServer((request, response) => {
    const text = (status: number, body: string) =>
      response.writeHead(status, { "content-type": "text/plain; version=0.0.4" }).end(body);
    if (request.url === "/healthz") return text(200, "ok\n");
    if (request.url === "/readyz") return gateway.isReady ? text(200, "ready\n") : text(503, "draining\n");
    if (request.url === "/metrics") return text(200, gateway.metrics.render());
    return text(404, "not found\n");
  });
}
