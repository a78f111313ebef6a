import { unusableSetting } from "./fault.ts";
import { type Environment, isLoopback } from "./proxy.ts";

/** Where the repositories of one registry are asked for. */
export interface RegistryAddress {
  /** Scheme, host and port. */
  readonly origin: URL;
  /** Folder at that host, with a slash at its end; empty for none. */
  readonly folder: string;
  /** What named the address, for messages. */
  readonly namedBy: string;
}

const variable = "FREEHOLD_REGISTRY_MIRRORS";
const form = "`docker.io=mirror.example.com/dockerhub`, several of them with commas between";

/**
 * Where each registry is asked: itself, unless FREEHOLD_REGISTRY_MIRRORS names another address for it. Only where to
 * ask changes; the lock's keys stay as the stack file names them.
 */
export class RegistryAddresses {
  readonly #mirrors: ReadonlyMap<string, RegistryAddress>;

  constructor(environment: Environment) {
    const entries = (environment[variable] ?? "").split(",").map((entry) => entry.trim());
    this.#mirrors = new Map(
      entries
        .filter((entry) => entry !== "")
        .map((entry) => {
          const equals = entry.indexOf("=");
          const address = equals < 1 ? null : parseAddress(entry.slice(equals + 1).trim());
          if (address === null) {
            throw unusableSetting(variable, `\`${entry}\` is not \`registry=address\``, form);
          }
          return [entry.slice(0, equals).trim(), address];
        }),
    );
  }

  addressOf(registry: string): RegistryAddress {
    const mirror = this.#mirrors.get(registry);
    if (mirror !== undefined) return mirror;
    // The name in references and the host of the API differ for Docker Hub alone.
    const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
    return { origin: originOf(host), folder: "", namedBy: "The reference" };
  }
}

function parseAddress(text: string): RegistryAddress | null {
  const written = text.includes("://") ? text : null;
  const slash = text.indexOf("/");
  const host = slash === -1 ? text : text.slice(0, slash);
  if (written === null && (host === "" || !URL.canParse(`https://${host}`))) return null;
  if (written !== null && !URL.canParse(written)) return null;
  const url =
    written === null ? new URL(originOf(host).href + (slash === -1 ? "" : text.slice(slash + 1))) : new URL(written);
  if (!["http:", "https:"].includes(url.protocol) || url.search !== "" || url.hash !== "" || url.username !== "") {
    return null;
  }
  const folder = url.pathname.replace(/^\/+|\/+$/g, "");
  return { origin: new URL(url.origin), folder: folder === "" ? "" : `${folder}/`, namedBy: variable };
}

function originOf(host: string): URL {
  const secure = new URL(`https://${host}`);
  return isLoopback(secure.hostname) ? new URL(`http://${host}`) : secure;
}
