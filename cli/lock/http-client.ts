import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { isIP } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import * as tls from "node:tls";
import { deadline } from "../../services/shared/src/deadline.ts";
import { HttpFault, networkError, unusableSetting } from "./fault.ts";
import { type Environment, isLoopback, openTunnel, proxyFor, setting } from "./proxy.ts";

interface HttpRequest {
  readonly url: URL;
  readonly method?: "GET" | "HEAD" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  /** What led to the address, for messages: a setting, or a host's answer. */
  readonly origin: string;
  /** Sent to the host of `url` only, never to one that it redirects to. */
  readonly authorization?: string | null;
  readonly body?: string;
  /** An answer that is larger is refused. Bytes. */
  readonly limitBytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** The address that answered, after redirects. */
  readonly url: URL;
}

export interface HttpOptions {
  readonly environment: Environment;
  readonly signal?: AbortSignal;
  /** For one request and its whole answer. Default: 30. */
  readonly timeoutSeconds?: number;
  /** Pause before the second attempt, doubled before each further one. Default: 1. */
  readonly firstPauseSeconds?: number;
  /** Longest pause that a server may ask for. Default: 30. */
  readonly longestPauseSeconds?: number;
}

const maxAttempts = 3;
const maxRedirects = 5;

/** What is worth asking again: the server is busy, or something behind it failed. */
const passing = new Set([429, 500, 502, 503, 504]);

/**
 * Requests over https, directly or through a proxy. Node's own `fetch` knows no proxies before Node 24, and the lock
 * is most often made behind one. Plain http is used on loopback only.
 */
export class HttpClient {
  readonly #environment: Environment;
  readonly #signal: AbortSignal | undefined;
  readonly #timeoutSeconds: number;
  readonly #firstPauseSeconds: number;
  readonly #longestPauseSeconds: number;
  readonly #ca: readonly string[] | undefined;

  constructor(options: HttpOptions) {
    this.#environment = options.environment;
    this.#signal = options.signal;
    this.#timeoutSeconds = options.timeoutSeconds ?? 30;
    this.#firstPauseSeconds = options.firstPauseSeconds ?? 1;
    this.#longestPauseSeconds = options.longestPauseSeconds ?? 30;
    this.#ca = certificateAuthorities(options.environment);
  }

  /** The answer, whatever its status; an `HttpFault` when there is none. A busy or failing server is asked again. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#follow(request);
      if (attempt === maxAttempts || !passing.has(answer.status)) return answer;
      const pauseSeconds = retryAfterSeconds(answer) ?? this.#firstPauseSeconds * 2 ** (attempt - 1);
      if (pauseSeconds > this.#longestPauseSeconds) return answer;
      await pause(pauseSeconds * 1000, undefined, this.#signal === undefined ? {} : { signal: this.#signal });
    }
  }

  async #follow(request: HttpRequest): Promise<HttpAnswer> {
    let url = request.url;
    let authorization = request.authorization ?? null;
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#once({ ...request, url, authorization }, request.url);
      const { location } = answer.headers;
      const isRedirect = answer.status >= 301 && answer.status <= 308 && answer.status !== 304;
      if (!isRedirect || location === undefined || request.method === "POST") return answer;
      if (!URL.canParse(location, url.href)) {
        throw new HttpFault(url.host, { kind: "redirect", detail: "The address it names is none" });
      }
      if (redirects === maxRedirects) {
        throw new HttpFault(url.host, {
          kind: "redirect",
          detail: `More than ${maxRedirects} redirects follow each other`,
        });
      }
      const next = new URL(location, url);
      if (next.origin !== url.origin) authorization = null;
      url = next;
    }
  }

  async #once(request: HttpRequest, first: URL): Promise<HttpAnswer> {
    const { url } = request;
    if (
      url.protocol !== "https:" &&
      !(url.protocol === "http:" && isLoopback(url.hostname) && isLoopback(first.hostname))
    ) {
      const from = url.href === first.href ? request.origin : `A redirect from ${first.host}`;
      throw new HttpFault(url.host, { kind: "plain-http", from });
    }
    const limit = deadline(Math.ceil(this.#timeoutSeconds * 1000), this.#signal);
    try {
      return await this.#exchange(request, limit);
    } catch (error) {
      this.#signal?.throwIfAborted();
      if (limit.aborted) {
        throw new HttpFault(url.host, { kind: "timeout", seconds: this.#timeoutSeconds }, { cause: error });
      }
      if (error instanceof HttpFault) throw error;
      throw new HttpFault(url.host, networkError(error), { cause: error });
    }
  }

  async #exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { url } = request;
    const response = await this.#respond(request, signal);
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of response) {
        bytes += (chunk as Buffer).length;
        if (bytes > request.limitBytes) break;
        chunks.push(chunk as Buffer);
      }
    } catch (error) {
      if (signal.aborted) throw error;
      const detail = `The answer broke off after ${bytes} bytes`;
      throw new HttpFault(url.host, { kind: "unusable", detail }, { cause: error });
    } finally {
      response.destroy();
    }
    if (bytes > request.limitBytes) {
      const detail = `The answer is larger than ${request.limitBytes} bytes`;
      throw new HttpFault(url.host, { kind: "unusable", detail });
    }
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks), url };
  }

  async #respond(request: HttpRequest, signal: AbortSignal): Promise<http.IncomingMessage> {
    const { url, method = "GET", authorization, body } = request;
    const proxy = proxyFor(url, this.#environment);
    const tunnel = proxy === null ? null : await this.#tunnel(url, proxy, signal);
    const ca = this.#ca === undefined ? {} : { ca: [...this.#ca] };
    const options: https.RequestOptions = {
      method,
      headers: {
        "user-agent": "freehold",
        "accept-encoding": "identity",
        ...request.headers,
        ...(authorization === null || authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
      },
      signal,
      ...(tunnel === null ? { agent: false, ...ca } : { createConnection: () => tunnel }),
    };
    return new Promise((resolve, reject) => {
      // Inside a tunnel TLS is there already, so plain http is spoken over it.
      const send = tunnel === null && url.protocol === "https:" ? https.request : http.request;
      const address = tunnel === null ? url : new URL(url.href.replace(/^https:/, "http:"));
      const sent = send(address, tunnel === null ? options : { ...options, defaultPort: 443 }, resolve);
      sent.once("error", reject);
      sent.end(body);
    });
  }

  async #tunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<tls.TLSSocket> {
    const socket = await openTunnel({ proxy, target: url, ca: this.#ca, signal });
    const hostname = url.hostname.replace(/^\[|\]$/g, "");
    return new Promise((resolve, reject) => {
      const secure = tls.connect({
        socket,
        host: hostname,
        ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
        ...(this.#ca === undefined ? {} : { ca: [...this.#ca] }),
      });
      const stop = () => secure.destroy(new Error("stopped"));
      signal.addEventListener("abort", stop, { once: true });
      secure.once("close", () => signal.removeEventListener("abort", stop));
      secure.once("error", reject);
      secure.once("secureConnect", () => resolve(secure));
    });
  }
}

/** How long a server asks to wait, or null when it does not say. Seconds. */
export function retryAfterSeconds({ headers }: HttpAnswer): number | null {
  const value = headers["retry-after"];
  if (value === undefined) return null;
  if (/^\d+$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

/**
 * The certificate authorities to trust besides the built-in ones. Node reads NODE_EXTRA_CA_CERTS by itself, but only
 * from its own environment at its start, and then says nothing when the file is missing.
 */
function certificateAuthorities(environment: Environment): readonly string[] | undefined {
  const extra = setting(environment, "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE");
  if (extra === null) return undefined;
  try {
    const builtIn =
      typeof tls.getCACertificates === "function" ? tls.getCACertificates("default") : tls.rootCertificates;
    return [...builtIn, readFileSync(extra.value, "utf8")];
  } catch {
    throw unusableSetting(
      extra.name,
      `\`${extra.value}\` cannot be read`,
      "the path of a file with certificates (PEM)",
    );
  }
}
