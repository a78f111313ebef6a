import { Failure } from "../../config/diagnostics/failure.ts";
import { at, type Finding, finding, type Place } from "../../config/diagnostics/finding.ts";
import { diffLock, fileList, type LockChange } from "../../config/lock/diff.ts";
import { parseChartReference, parseImageReference } from "../../config/lock/image-reference.ts";
import {
  type LockDefaults,
  type References,
  references,
  type WeightsReference,
  weightsKey,
} from "../../config/lock/references.ts";
import type { Lock, LockedImage, LockedWeights } from "../../config/lock/schema.ts";
import type { Config } from "../../config/schema/index.ts";
import { HttpClient } from "./http-client.ts";
import { ModelHub } from "./hub.ts";
import { OciRegistry } from "./oci-registry.ts";
import type { Environment } from "./proxy.ts";

export interface ResolveOptions {
  /** The lock as it is; null when there is none. One that belongs to another stack counts as none. */
  readonly previous: Lock | null;
  readonly now: Date;
  readonly environment: Environment;
  readonly defaults: LockDefaults;
  /** Third-party charts, as `oci://…:version`. Left out: none. */
  readonly charts?: readonly string[];
  /** Keys to resolve again; others stay as they are locked. Left out: all of them. */
  readonly only?: readonly string[];
  readonly progress?: (event: ResolveProgress) => void;
  readonly signal?: AbortSignal;
  /** For one request and its whole answer. Default: 30. */
  readonly timeoutSeconds?: number;
  /** Pause before a failing server is asked again, doubled each time. Default: 1. */
  readonly firstPauseSeconds?: number;
}

interface ResolveProgress {
  /** The reference that is done. */
  readonly key: string;
  readonly done: number;
  readonly total: number;
}

interface ResolvedLock {
  /** What of the stack file could be resolved, and what was locked before and could not be asked for again. */
  readonly lock: Lock;
  /** Every reference that could not be resolved. With an error among them the lock is not to be written. */
  readonly findings: readonly Finding[];
  readonly moved: readonly LockChange[];
}

/** Requests under way at once: enough to hide their latency, few enough for any registry. */
const maxAtOnce = 4;

/**
 * A stack file's references as registries and the hub have them now. One that fails does not keep the others from
 * being asked for; it has the entry it had before, or none. Entries that did not move stay as they are, dates
 * included, so that a second run changes nothing.
 */
export async function resolveLock(config: Config, options: ResolveOptions): Promise<ResolvedLock> {
  const { environment, now, signal } = options;
  const wanted = references(config, options.defaults, options.charts);
  const stack = `${config.name}/${config.environment}`;
  const previous = options.previous?.stack === stack ? options.previous : null;
  const findings: Finding[] = [...wanted.findings, ...unknownKeys(wanted, options.only ?? [])];

  const http = new HttpClient({
    environment,
    ...(signal === undefined ? {} : { signal }),
    ...(options.timeoutSeconds === undefined ? {} : { timeoutSeconds: options.timeoutSeconds }),
    ...(options.firstPauseSeconds === undefined ? {} : { firstPauseSeconds: options.firstPauseSeconds }),
  });
  const registry = new OciRegistry(http, environment, signal);
  const hub = new ModelHub(http, environment);
  const resolvedAt = now.toISOString();
  const asked = (key: string) => ({ reference: key, place: placeOf(wanted, key) });

  const digestTask =
    (before: Lock["images"] | undefined, parse: typeof parseImageReference) =>
    (key: string): Task<LockedImage> => {
      const old = own(before, key);
      return {
        key,
        old,
        async resolve() {
          const { reference } = parse(key);
          if (reference === null) throw new Error(`\`${key}\` was accepted as a reference and cannot be read`);
          // An entry of an older release holds no size, and is asked for as a whole once.
          const known = old?.bytes === undefined ? null : old.digest;
          const { digest, bytes, source } = await registry.resolve(reference, known, asked(key));
          const size = bytes === null ? {} : { bytes };
          const entry = old?.digest === digest ? { ...old, ...size } : { digest, ...size, source, resolvedAt };
          return { entry, findings: [] };
        },
      };
    };
  const weightsTask = (reference: WeightsReference): Task<LockedWeights> => {
    const { key } = reference;
    const old = own(previous?.weights, key);
    return {
      key,
      old,
      async resolve() {
        const { isGated, ...found } = await hub.resolve(reference, asked(key));
        const entry = { ...found, resolvedAt };
        const isSame = old?.commit === entry.commit && fileList(old) === fileList(entry);
        const closed = isGated && !hasToken(config, key);
        return {
          entry: isSame ? old : entry,
          findings: closed ? [finding("LCK-240", placeOf(wanted, key), { reference: key })] : [],
        };
      },
    };
  };

  const run = new Run(options, wanted.images.length + wanted.weights.length + wanted.charts.length);
  const [images, weights, charts] = await Promise.all([
    run.section(wanted.images.map(digestTask(previous?.images, parseImageReference))),
    run.section(wanted.weights.map(weightsTask)),
    run.section(wanted.charts.map(digestTask(previous?.charts, parseChartReference))),
  ]);
  const lock: Lock = {
    lockVersion: 1,
    stack,
    images: images.entries,
    weights: weights.entries,
    charts: charts.entries,
  };
  const failed = [images, weights, charts].flatMap((section) => section.findings);
  return { lock, findings: [...findings, ...failed], moved: diffLock(previous, lock) };
}

/** One reference to ask for. */
interface Task<T> {
  readonly key: string;
  /** Its entry in the previous lock. */
  readonly old: T | undefined;
  resolve(): Promise<{ entry: T; findings: readonly Finding[] }>;
}

/** Runs the tasks of all sections with a bound on how many are under way at once. */
class Run {
  readonly #options: ResolveOptions;
  readonly #total: number;
  readonly #waiting: (() => void)[] = [];
  #free = maxAtOnce;
  #done = 0;

  constructor(options: ResolveOptions, total: number) {
    this.#options = options;
    this.#total = total;
  }

  /** The entries of one section of the lock, and why others are missing or old. */
  async section<T>(tasks: readonly Task<T>[]): Promise<{ entries: Record<string, T>; findings: Finding[] }> {
    const results = await Promise.all(tasks.map((task) => this.#one(task)));
    const entries: [string, T][] = [];
    for (const { key, entry } of results) if (entry !== undefined) entries.push([key, entry]);
    return { entries: Object.fromEntries(entries), findings: results.flatMap(({ findings }) => findings) };
  }

  async #one<T>(task: Task<T>): Promise<{ key: string; entry: T | undefined; findings: readonly Finding[] }> {
    const { key, old } = task;
    const { only, signal } = this.#options;
    if (only !== undefined && !only.includes(key) && old !== undefined) {
      this.#report(key);
      return { key, entry: old, findings: [] };
    }
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((proceed) => this.#waiting.push(proceed));
    try {
      signal?.throwIfAborted();
      return { key, ...(await task.resolve()) };
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Failure)) throw error;
      return { key, entry: old, findings: [error.finding] };
    } finally {
      this.#report(key);
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  #report(key: string): void {
    this.#done += 1;
    this.#options.progress?.({ key, done: this.#done, total: this.#total });
  }
}

function placeOf({ places }: References, key: string): Place {
  const path = places.get(key);
  return path === undefined ? { subject: key } : at(path);
}

function unknownKeys({ images, weights, charts }: References, only: readonly string[]): Finding[] {
  const known = [...images, ...weights.map(({ key }) => key), ...charts];
  return only.filter((key) => !known.includes(key)).map((key) => finding("LCK-214", { subject: key }, { key, known }));
}

function hasToken(config: Config, key: string): boolean {
  return Object.values(config.models)
    .flatMap(({ versions }) => Object.values(versions))
    .filter(({ weights: { repository, revision } }) => weightsKey(repository, revision) === key)
    .every(({ weights }) => weights.tokenSecret !== undefined);
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
