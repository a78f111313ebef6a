import { createServer, type Server } from "node:http";

/** What the administration port tells of a service. */
export interface Administered {
  /** False when only a restart helps. */
  readonly isAlive: boolean;
  /** False while callers should go elsewhere. */
  readonly isReady: boolean;
  /** Why it is not ready, as a sentence. Left out: nothing is said of it. */
  readonly notReadyBecause?: string | null;
  /** In Prometheus' text form. */
  metricsText(): string | Promise<string>;
}

/** Health and metrics, on a port of their own that callers do not reach. */
export function adminServer(service: Administered): Server {
  return createServer((request, response) => {
    const text = (status: number, body: string) =>
      response.writeHead(status, { "content-type": "text/plain; version=0.0.4" }).end(body);
    if (request.url === "/healthz") return service.isAlive ? text(200, "ok\n") : text(503, "stuck\n");
    if (request.url === "/readyz") {
      const why = service.notReadyBecause ?? null;
      return service.isReady ? text(200, "ready\n") : text(503, why === null ? "not ready\n" : `not ready: ${why}\n`);
    }
    if (request.url !== "/metrics") return text(404, "not found\n");
    Promise.resolve()
      .then(() => service.metricsText())
      .then(
        (body) => text(200, body),
        () => text(500, "the metrics could not be gathered\n"),
      );
  });
}
