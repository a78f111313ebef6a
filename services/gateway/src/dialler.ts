import { lookup } from "node:dns";
import { readFileSync } from "node:fs";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector, type Dispatcher, Pool } from "undici";
import { Networks } from "./networks.ts";
import { RedactedBody } from "./redaction/redactor.ts";
import { backendOf, type ReplicaDirectory } from "./replica-directory.ts";
import type { Permit } from "./residency-gate.ts";
import type { Settings } from "./settings.ts";
import { openTunnel } from "./tunnel.ts";

/** A request was about to use a backend that its permit does not name: a fault of this program, never of the caller. */
export class ResidencyBreach extends Error {}

interface Line {
  readonly pool: Pool;
  readonly url: string;
  readonly authorization: string | null;
}

/** What one backend is asked. */
export interface Question {
  readonly path: string;
  /** Of the trace that the request belongs to; they do not go along with a redacted body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | RedactedBody;
}

/**
 * The only place that opens connections to backends: only with a permit that names the backend, and only to addresses
 * that the directory knows as replicas of it and that lie in its networks. Where the permit lets nothing but
 * redacted bodies through, it takes no other.
 */
export class Dialler {
  readonly #settings: Settings;
  readonly #directory: ReplicaDirectory;
  readonly #lines = new Map<string, Line>();

  constructor(settings: Settings, directory: ReplicaDirectory) {
    this.#settings = settings;
    this.#directory = directory;
  }

  /**
   * Sends one JSON body. Throws a `ResidencyBreach` before anything is opened when the permit does not name the backend,
   * or asks for a redacted body and this is none.
   */
  post(permit: Permit, replica: string, question: Question, handler: Dispatcher.DispatchHandlers): void {
    const backend = backendOf(replica);
    if (!permit.allows(backend))
      throw new ResidencyBreach(`The backend "${backend}" is outside the permit of this request.`);
    if (!this.#directory.knows(replica)) throw new ResidencyBreach(`There is no replica "${replica}".`);
    const { path, body } = question;
    const isRedacted = body instanceof RedactedBody;
    if (permit.mustRedact(backend) && !isRedacted)
      throw new ResidencyBreach(`The backend "${backend}" takes redacted bodies alone.`);
    const line = this.#line(replica);
    // The state of a trace is the caller's text, and nobody redacts it.
    const headers: Record<string, string> = {
      ...(isRedacted ? {} : question.headers),
      "content-type": "application/json",
    };
    if (line.authorization !== null) headers.authorization = line.authorization;
    // Time is kept by whoever waits; the pool's own limits would cut long generations.
    const text = isRedacted ? body.text : body;
    line.pool.dispatch({ path, method: "POST", headers, body: text, headersTimeout: 0, bodyTimeout: 0 }, handler);
  }

  /** Lets what is under way with a replica end, then closes its connections. */
  retire(replica: string): void {
    void this.#lines.get(replica)?.pool.close();
    this.#lines.delete(replica);
  }

  /** Lets what is under way end, then closes every connection. */
  async close(): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ pool }) => pool.close()));
  }

  #line(name: string): Line {
    const known = this.#lines.get(name);
    if (known !== undefined) return known;
    const backend = this.#settings.backends[backendOf(name)];
    if (backend === undefined) throw new ResidencyBreach(`There is no backend "${name}".`);
    const address = this.#directory.addressOf(name);
    const { hostname, port, protocol, origin } = new URL(backend.url);
    const networks = Networks.of(backend);
    const connect = buildConnector({
      timeout: this.#settings.deadlines.connectMilliseconds,
      keepAlive: true,
      keepAliveInitialDelay: 1000,
      lookup: lookupWithin(networks),
    });
    const pool = new Pool(origin, {
      pipelining: 1,
      // Below the 5 s after which vLLM closes an idle connection: a request must not meet the close on its way.
      keepAliveTimeout: 4000,
      connect: (options, callback) => {
        // No redirect, proxy or rewritten origin leads anywhere else.
        if (options.hostname !== hostname || (options.port ?? "") !== port || options.protocol !== protocol) {
          callback(new ResidencyBreach(`A connection of the backend "${name}" would have gone elsewhere.`), null);
          return;
        }
        if (backend.proxy !== undefined) {
          const timeoutMilliseconds = this.#settings.deadlines.connectMilliseconds;
          const authority = `${hostname}:${port || "443"}`;
          const tunnel = { proxy: backend.proxy, authority, timeoutMilliseconds, lookup: lookupWithin(networks) };
          openTunnel(tunnel, (error, httpSocket) => {
            if (httpSocket === null) callback(error ?? new Error("There is no tunnel."), null);
            else connect({ ...options, httpSocket, servername: hostname }, callback);
          });
          return;
        }
        const host = address?.host ?? hostname.replace(/^\[|\]$/g, "");
        // A name is looked at when it is looked up.
        if (isIP(host) !== 0 && !networks.contains(host)) {
          callback(outsideNetworks(host), null);
          return;
        }
        // The certificate is held to the name, whatever address it is asked at.
        if (address !== null)
          connect({ ...options, hostname: host, port: String(address.port), servername: hostname }, callback);
        else connect(options, callback);
      },
    });
    const key = backend.apiKeyFile === undefined ? null : readFileSync(backend.apiKeyFile, "utf8").trim();
    const line = { pool, url: backend.url, authorization: key === null ? null : `Bearer ${key}` };
    this.#lines.set(name, line);
    return line;
  }
}

function outsideNetworks(address: string): ResidencyBreach {
  return new ResidencyBreach(`The address ${address} lies outside the backend's networks.`);
}

/** Looks a name up as usual, and gives back no address outside the networks. */
function lookupWithin(networks: Networks): LookupFunction {
  if (networks.isOpen) return lookup as LookupFunction;
  return (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, "", 0);
      const inside = addresses.filter(({ address }) => networks.contains(address));
      const [first] = inside;
      if (first === undefined) return callback(outsideNetworks(addresses[0]?.address ?? hostname), "", 0);
      return options.all === true ? callback(null, inside) : callback(null, first.address, first.family);
    });
}
