import { readFileSync } from "node:fs";
import { buildConnector, type Dispatcher, Pool } from "undici";
import type { Permit } from "./residency-gate.ts";
import type { Settings } from "./settings.ts";

/** A request was about to use a backend that its permit does not name: a fault of this program, never of the caller. */
export class ResidencyBreach extends Error {}

interface Line {
  readonly pool: Pool;
  readonly url: string;
  readonly authorization: string | null;
}

/** The only place that opens connections to backends, and only with a permit that names the backend. */
export class Dialler {
  readonly #settings: Settings;
  readonly #lines = new Map<string, Line>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Sends one JSON body. Throws a `ResidencyBreach` before anything is opened when the permit does not name `backend`. */
  post(permit: Permit, backend: string, path: string, body: string, handler: Dispatcher.DispatchHandlers): void {
    if (!permit.allows(backend))
      throw new ResidencyBreach(`The backend "${backend}" is outside the permit of this request.`);
    const line = this.#line(backend);
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (line.authorization !== null) headers.authorization = line.authorization;
    // Time is kept by whoever waits; the pool's own limits would cut long generations.
    line.pool.dispatch({ path, method: "POST", headers, body, headersTimeout: 0, bodyTimeout: 0 }, handler);
  }

  /** Lets what is under way end, then closes every connection. */
  async close(): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ pool }) => pool.close()));
  }

  #line(name: string): Line {
    const known = this.#lines.get(name);
    if (known !== undefined) return known;
    const backend = this.#settings.backends[name];
    if (backend === undefined) throw new ResidencyBreach(`There is no backend "${name}".`);
    const { hostname, port, protocol, origin } = new URL(backend.url);
    const connect = buildConnector({
      timeout: this.#settings.deadlines.connectMilliseconds,
      keepAlive: true,
      keepAliveInitialDelay: 1000,
    });
    const pool = new Pool(origin, {
      pipelining: 1,
      keepAliveTimeout: 30_000,
      connect: (options, callback) => {
        // No redirect, proxy or rewritten origin leads anywhere else.
        if (options.hostname !== hostname || (options.port ?? "") !== port || options.protocol !== protocol) {
          callback(new ResidencyBreach(`A connection of the backend "${name}" would have gone elsewhere.`), null);
          return;
        }
        connect(options, callback);
      },
    });
    const key = backend.apiKeyFile === undefined ? null : readFileSync(backend.apiKeyFile, "utf8").trim();
    const line = { pool, url: backend.url, authorization: key === null ? null : `Bearer ${key}` };
    this.#lines.set(name, line);
    return line;
  }
}
