import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface NameServiceOptions {
  /** `address` or `address:port`. Empty: those of the system. */
  readonly servers: readonly string[];
}

/** One question waits this long, and is asked twice. */
const answerMilliseconds = 1000;
const systemFile = "/etc/resolv.conf";

/** Asks DNS for the addresses behind a name, with the search list of the system, as pods have one. */
export class NameService {
  readonly #resolver = new Resolver({ timeout: answerMilliseconds, tries: 2 });
  readonly #search: readonly string[];
  readonly #dots: number;
  /** What a name was completed to when it was last found. */
  readonly #found = new Map<string, string>();

  constructor({ servers }: NameServiceOptions) {
    if (servers.length > 0) this.#resolver.setServers(servers);
    const { search, dots } = servers.length > 0 ? { search: [], dots: 1 } : searchList();
    this.#search = search;
    this.#dots = dots;
  }

  /** Addresses of `name`, in no order that means anything. Rejects where there is none, or nobody answers. */
  async addresses(name: string, port: number): Promise<Address[]> {
    const hosts = await this.#ask(name, async (full) => {
      try {
        return await this.#resolver.resolve4(full);
      } catch (error) {
        if (!isNothing(error)) throw error;
        return await this.#resolver.resolve6(full);
      }
    });
    return hosts.map((host) => ({ host, port }));
  }

  /** Addresses and ports of what the Service `name` calls its port `http`. */
  async services(name: string): Promise<Address[]> {
    const records = await this.#ask(`_http._tcp.${name}`, (full) => this.#resolver.resolveSrv(full));
    const all = await Promise.all(records.map(({ name: target, port }) => this.addresses(`${target}.`, port)));
    return all.flat();
  }

  async #ask<T>(name: string, question: (full: string) => Promise<T[]>): Promise<T[]> {
    const known = this.#found.get(name);
    const candidates = this.#candidates(name);
    let last: unknown = new Error(`There is no address of ${name}.`);
    for (const full of known === undefined ? candidates : [known, ...candidates.filter((other) => other !== known)]) {
      try {
        const answer = await question(full);
        this.#found.set(name, full);
        if (answer.length > 0) return answer;
      } catch (error) {
        if (!isNothing(error)) throw error;
        last = error;
      }
    }
    throw last;
  }

  #candidates(name: string): string[] {
    if (name.endsWith(".")) return [name.slice(0, -1)];
    const completed = this.#search.map((domain) => `${name}.${domain}`);
    return name.split(".").length > this.#dots ? [name, ...completed] : [...completed, name];
  }
}

/** Whether DNS answered that there is nothing, rather than not at all. */
function isNothing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOTFOUND" || code === "ENODATA";
}

function searchList(): { search: string[]; dots: number } {
  let text: string;
  try {
    text = readFileSync(systemFile, "utf8");
  } catch {
    return { search: [], dots: 1 };
  }
  const search = /^search[ \t]+(.+)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  return { search, dots: Number(/^options.*\bndots:(\d+)/m.exec(text)?.[1] ?? 1) };
}
