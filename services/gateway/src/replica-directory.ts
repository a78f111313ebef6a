import { type Address, NameService } from "./name-service.ts";
import { Networks } from "./networks.ts";
import type { Settings } from "./settings.ts";

/** How long a start or a change of settings waits for the first answer of DNS. */
const firstAnswerMilliseconds = 2000;

interface Entry {
  readonly url: string;
  readonly records: "a" | "srv";
  readonly networks: Networks;
  replicas: ReadonlyMap<string, Address>;
  answeredAt: number;
}

export interface DirectoryEvents {
  /** An address that was in use is gone from DNS, or was not confirmed for too long. */
  onGone(replica: string): void;
  /** Something an operator should read: a failing DNS server, an address outside the backend's networks. */
  onTrouble(event: { readonly event: string; readonly backend: string; readonly message: string }): void;
}

/** The backend that a replica belongs to. */
export function backendOf(replica: string): string {
  const at = replica.indexOf("@");
  return at === -1 ? replica : replica.slice(0, at);
}

/**
 * Replicas behind each backend: the backend itself, or one for each address that DNS gives for its name. Asked again
 * every `dns.refreshMilliseconds`; an answer replaces the set, no answer keeps it for `dns.keepMilliseconds`.
 */
export class ReplicaDirectory {
  readonly #settings: Settings;
  readonly #events: DirectoryEvents;
  readonly #now: () => number;
  readonly #names: NameService;
  readonly #entries = new Map<string, Entry>();
  readonly #troubles = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  private constructor(settings: Settings, now: () => number, events: DirectoryEvents) {
    this.#settings = settings;
    this.#now = now;
    this.#events = events;
    this.#names = new NameService(settings.dns);
  }

  /** Waits for the first answers, but not long: what is still unknown then is learnt later. */
  static async open(
    settings: Settings,
    now: () => number,
    events: DirectoryEvents,
    previous: ReplicaDirectory | null = null,
  ): Promise<ReplicaDirectory> {
    const directory = new ReplicaDirectory(settings, now, events);
    for (const [name, backend] of Object.entries(settings.backends)) {
      if (backend.resolve === undefined) continue;
      const before = previous === null ? undefined : previous.#entries.get(name);
      const isSame = before !== undefined && before.url === backend.url && before.records === backend.resolve;
      const networks = Networks.of(backend);
      directory.#entries.set(name, {
        url: backend.url,
        records: backend.resolve,
        networks,
        replicas: new Map(isSame ? [...before.replicas].filter(([, { host }]) => networks.contains(host)) : []),
        answeredAt: isSame ? before.answeredAt : now(),
      });
    }
    if (directory.#entries.size > 0) {
      const first = directory.#refresh();
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, firstAnswerMilliseconds);
      });
      await Promise.race([first, enough]);
      clearTimeout(timer);
      void first.then(() => directory.#schedule());
    }
    return directory;
  }

  /** Names of the replicas of `backend`; empty while DNS has named none. */
  replicasOf(backend: string): readonly string[] {
    const entry = this.#entries.get(backend);
    return entry === undefined ? [backend] : [...entry.replicas.keys()];
  }

  /** Where a replica is, by the last answer of DNS; null for one that is not, or whose backend has no addresses of its own. */
  addressOf(replica: string): Address | null {
    return this.#entries.get(backendOf(replica))?.replicas.get(replica) ?? null;
  }

  /** Whether connections to `replica` may be opened at all. */
  knows(replica: string): boolean {
    return this.#entries.has(backendOf(replica)) ? this.addressOf(replica) !== null : !replica.includes("@");
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(
      () => void this.#refresh().then(() => this.#schedule()),
      this.#settings.dns.refreshMilliseconds,
    );
    this.#timer.unref();
  }

  async #refresh(): Promise<void> {
    await Promise.all([...this.#entries].map(([backend, entry]) => this.#refreshOne(backend, entry)));
  }

  async #refreshOne(backend: string, entry: Entry): Promise<void> {
    const { hostname, port, protocol } = new URL(entry.url);
    try {
      const addresses =
        entry.records === "srv"
          ? await this.#names.services(hostname)
          : await this.#names.addresses(hostname, Number(port) || (protocol === "https:" ? 443 : 80));
      if (this.#isStopped) return;
      const foreign = addresses.filter(({ host }) => !entry.networks.contains(host));
      this.#trouble(backend, "address_refused", foreign.map(({ host }) => host).join(", "));
      this.#trouble(backend, "dns_failing", "");
      const usable = addresses.filter(({ host }) => entry.networks.contains(host));
      this.#replace(backend, entry, usable);
      entry.answeredAt = this.#now();
    } catch (error) {
      if (this.#isStopped) return;
      this.#trouble(backend, "dns_failing", (error as NodeJS.ErrnoException).code ?? (error as Error).message);
      if (this.#now() - entry.answeredAt > this.#settings.dns.keepMilliseconds) this.#replace(backend, entry, []);
    }
  }

  #replace(backend: string, entry: Entry, addresses: readonly Address[]): void {
    const before = entry.replicas;
    entry.replicas = new Map(
      addresses.map((address) => [
        `${backend}@${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`,
        address,
      ]),
    );
    for (const replica of before.keys()) if (!entry.replicas.has(replica)) this.#events.onGone(replica);
  }

  /** Tells each trouble once, until it is another one or over. */
  #trouble(backend: string, event: string, message: string): void {
    const at = `${event} ${backend}`;
    if ((this.#troubles.get(at) ?? "") === message) return;
    this.#troubles.set(at, message);
    if (message !== "") this.#events.onTrouble({ event, backend, message });
  }
}
