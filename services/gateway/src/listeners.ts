import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { createServer as createSecureServer, type Server as SecureServer } from "node:https";
import type { Settings } from "./settings.ts";

type Receive = (request: IncomingMessage, response: ServerResponse) => void;

const limits: ServerOptions = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2000,
};

/** Below the shortest time after which a load balancer forgets a silent connection: four minutes in Azure. */
const keepAliveMilliseconds = 60_000;

/** Where requests come in: in the clear from pods of the cluster, and over TLS through a load balancer that passes bytes on. */
export class Listeners {
  readonly plain: Server;
  /** Null where the settings name no certificate. */
  readonly secure: SecureServer | null;

  constructor(certificate: Certificate | null, receive: Receive) {
    this.plain = createServer(limits, receive);
    this.secure =
      certificate === null
        ? null
        : createSecureServer(
            {
              ...limits,
              ...certificate,
              minVersion: "TLSv1.2",
              // An answer that is not streamed is silent until it is there.
              keepAlive: true,
              keepAliveInitialDelay: keepAliveMilliseconds,
            },
            receive,
          );
    for (const server of this.#all()) server.maxHeadersCount = 100;
  }

  /** Takes a changed certificate for new connections; one that does not hold throws and changes nothing. */
  async use(settings: Settings): Promise<void> {
    const certificate = await certificateOf(settings);
    if (certificate !== null) this.secure?.setSecureContext({ ...certificate, minVersion: "TLSv1.2" });
  }

  closeIdle(): void {
    for (const server of this.#all()) server.closeIdleConnections();
  }

  close(): void {
    for (const server of this.#all()) {
      server.closeAllConnections();
      server.close();
    }
  }

  #all(): readonly Server[] {
    return this.secure === null ? [this.plain] : [this.plain, this.secure];
  }
}

/** PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The certificate that settings name; null where they name none. */
export async function certificateOf({ secure }: Settings): Promise<Certificate | null> {
  if (secure === undefined) return null;
  const [cert, key] = await Promise.all([readFile(secure.certificateFile, "utf8"), readFile(secure.keyFile, "utf8")]);
  return { cert, key };
}
