import { createHash } from "node:crypto";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { imageBytes, platformManifest } from "../../config/lock/image-bytes.ts";
import type { ImageReference } from "../../config/lock/image-reference.ts";
import { type Credentials, registryCredentials } from "./credentials.ts";
import { type Asked, faultFailure, HttpFault, unusable } from "./fault.ts";
import { type HttpAnswer, type HttpClient, retryAfterSeconds } from "./http-client.ts";
import { type RegistryAddress, RegistryAddresses } from "./mirrors.ts";
import type { Environment } from "./proxy.ts";

/** A reference as a registry has it now. */
interface ResolvedDigest {
  readonly digest: string;
  /** What it takes to carry it; null where that was not asked or not said. */
  readonly bytes: number | null;
  /** Address of the registry or mirror that answered. */
  readonly source: string;
}

/** Indexes first: the digest of an image for several platforms is that of its index. */
const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
/** The distribution specification has registries accept manifests of up to 4 MiB. */
const manifestLimitBytes = 4 * 2 ** 20;
const tokenLimitBytes = 2 ** 20;

/**
 * Digests of tags, from registries that speak the OCI distribution API.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
export class OciRegistry {
  readonly #http: HttpClient;
  readonly #environment: Environment;
  readonly #signal: AbortSignal | undefined;
  readonly #addresses: RegistryAddresses;
  /** Authorization headers granted so far, by origin and repository. */
  readonly #granted = new Map<string, string>();

  constructor(http: HttpClient, environment: Environment, signal?: AbortSignal) {
    this.#http = http;
    this.#environment = environment;
    this.#signal = signal;
    this.#addresses = new RegistryAddresses(environment);
  }

  /**
   * The digest that a reference has now, computed from the manifest and compared with what the registry says. When
   * the registry says that the reference still has the `known` digest, the manifest is not fetched: registries count
   * and limit manifest downloads, and that digest was verified when it was locked. Its size is then not told.
   */
  async resolve(image: ImageReference, known: string | null, asked: Asked): Promise<ResolvedDigest> {
    const address = this.#addresses.addressOf(image.registry);
    const repository = address.folder + image.repository;
    const url = manifestUrl(address, repository, image.digest ?? image.tag);
    const source = new URL(address.folder, address.origin).href.replace(/\/$/, "");
    try {
      if (known !== null) {
        const { status, headers } = await this.#ask("HEAD", url, repository, address, asked);
        if (status === 200 && headers["docker-content-digest"] === known) {
          return { digest: known, bytes: null, source };
        }
      }
      const answer = await this.#ask("GET", url, repository, address, asked);
      if (answer.status !== 200) throw await this.#refusal(answer, asked);
      const digest = verifiedDigest(answer, image.digest, asked);
      const ask = (wanted: string) =>
        this.#ask("GET", manifestUrl(address, repository, wanted), repository, address, asked);
      return { digest, bytes: await bytesOf(answer, ask), source };
    } catch (error) {
      throw error instanceof HttpFault ? faultFailure(error, asked) : error;
    }
  }

  async #ask(
    method: "GET" | "HEAD",
    url: URL,
    repository: string,
    { namedBy }: RegistryAddress,
    asked: Asked,
  ): Promise<HttpAnswer> {
    const request = {
      method,
      origin: namedBy,
      limitBytes: manifestLimitBytes,
      headers: { accept: manifestTypes.join(", ") },
    };
    const granted = this.#granted.get(`${url.origin} ${repository}`) ?? null;
    const answer = await this.#http.send({ ...request, url, authorization: granted });
    if (answer.status !== 401) return answer;
    // Another host may have answered after a redirect: it is asked for access with its own credentials, not the first one's.
    const authorization = await this.#authorize(answer, repository, asked);
    if (authorization === null) return answer;
    this.#granted.set(`${answer.url.origin} ${repository}`, authorization);
    return this.#http.send({ ...request, url: answer.url, authorization });
  }

  /** The header that answers a challenge, or null when there is nothing to answer it with. */
  async #authorize(challenged: HttpAnswer, repository: string, asked: Asked): Promise<string | null> {
    const challenge = challenged.headers["www-authenticate"] ?? "";
    const credentials = await this.#credentials(challenged.url, asked);
    const bearer = /\bBearer\s+(.*)$/is.exec(challenge)?.[1];
    if (bearer === undefined) {
      if (!/\bBasic\b/i.test(challenge) || credentials?.kind !== "password") return null;
      return basic(credentials);
    }
    const parameters = new Map(
      [...bearer.matchAll(/([a-z]+)="([^"]*)"/gi)].map(([, key = "", value = ""]) => [key, value]),
    );
    const realm = parameters.get("realm") ?? "";
    if (!URL.canParse(realm)) {
      throw unusable(challenged.url.host, asked, "It asks for a token but names no address to get one from");
    }
    const scope = parameters.get("scope") ?? `repository:${repository}:pull`;
    return this.#token(new URL(realm), parameters.get("service"), scope, credentials, challenged.url, asked);
  }

  async #token(
    realm: URL,
    service: string | undefined,
    scope: string,
    credentials: Credentials | null,
    registry: URL,
    asked: Asked,
  ): Promise<string> {
    const request = { origin: `The token address of ${registry.host}`, limitBytes: tokenLimitBytes };
    const fields = new URLSearchParams({ ...(service === undefined ? {} : { service }), scope });
    let answer: HttpAnswer;
    if (credentials?.kind === "identity") {
      fields.set("grant_type", "refresh_token");
      fields.set("refresh_token", credentials.token);
      fields.set("client_id", "freehold");
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      answer = await this.#http.send({ ...request, url: realm, method: "POST", headers, body: fields.toString() });
    } else {
      const url = new URL(realm);
      for (const [key, value] of fields) url.searchParams.set(key, value);
      answer = await this.#http.send({
        ...request,
        url,
        authorization: credentials === null ? null : basic(credentials),
      });
    }
    if (answer.status !== 200) throw await this.#refusal(answer, asked, registry);
    const { token, access_token: accessToken } = jsonObject(answer.body) ?? {};
    const granted = [token, accessToken].find((each): each is string => typeof each === "string" && each !== "");
    if (granted === undefined || /[^\x21-\x7e]/.test(granted)) {
      throw unusable(answer.url.host, asked, "It was asked for a token and sent none");
    }
    return `Bearer ${granted}`;
  }

  /** What a status other than 200 means. `registry` is who the credentials are for, where a token server answers. */
  async #refusal(answer: HttpAnswer, { reference, place }: Asked, registry = answer.url): Promise<Failure> {
    const { host } = answer.url;
    const { status } = answer;
    if (status === 401 || status === 403) {
      const credentials = await this.#credentials(registry, { reference, place });
      const account = credentials === null ? "without credentials" : `with the credentials from ${credentials.source}`;
      return new Failure(finding("LCK-231", place, { reference, host: registry.host, status, account }));
    }
    if (status === 404) return new Failure(finding("LCK-232", place, { reference, host }));
    if (status === 429) {
      return new Failure(finding("LCK-233", place, { reference, host, waitSeconds: retryAfterSeconds(answer) }));
    }
    return new Failure(finding("LCK-234", place, { reference, host, status }));
  }

  #credentials({ host }: URL, asked: Asked): Promise<Credentials | null> {
    return registryCredentials(host, this.#environment, asked, this.#signal);
  }
}

function manifestUrl({ origin }: RegistryAddress, repository: string, wanted: string | null): URL {
  return new URL(`v2/${repository}/manifests/${wanted}`, origin);
}

/** Bytes of what a manifest or index stands for. An image that cannot be reckoned is locked all the same. */
async function bytesOf({ body }: HttpAnswer, ask: (digest: string) => Promise<HttpAnswer>): Promise<number | null> {
  const manifest = jsonObject(body);
  const own = platformManifest(manifest);
  if (own === null) return imageBytes(manifest);
  try {
    const answer = await ask(own);
    const computed = `sha256:${createHash("sha256").update(answer.body).digest("hex")}`;
    return answer.status === 200 && computed === own ? imageBytes(jsonObject(answer.body)) : null;
  } catch (error) {
    if (error instanceof HttpFault) return null;
    throw error;
  }
}

/** The manifest's own SHA-256, when nothing that was said about it contradicts it. */
function verifiedDigest({ body, headers, url }: HttpAnswer, wanted: string | null, asked: Asked): string {
  const { reference, place } = asked;
  const { host } = url;
  const content = jsonObject(body);
  if (content === null) throw unusable(host, asked, "A manifest was asked for, and what came is not JSON");
  if (content.schemaVersion !== 2)
    throw unusable(host, asked, "What came is not an image manifest or index of version 2");
  const computed = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  const stated = headers["docker-content-digest"];
  const promised = [wanted, typeof stated === "string" ? stated : null].filter((each) => each !== null);
  for (const digest of promised) {
    if (!digest.startsWith("sha256:")) {
      throw unusable(host, asked, `It gives the digest \`${digest}\`, which is not of the kind sha256`);
    }
    if (digest !== computed) {
      throw new Failure(finding("LCK-235", place, { reference, host, promised: digest, computed }));
    }
  }
  return computed;
}

function basic(credentials: Extract<Credentials, { kind: "password" }>): string {
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
}

function jsonObject(body: Buffer): Record<string, unknown> | null {
  try {
    const content: unknown = JSON.parse(body.toString("utf8"));
    return typeof content === "object" && content !== null ? (content as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
