import { createHash } from "node:crypto";

/** Longest time without requests, as a multiple of the first. */
const longestEjection = 30;
/** Answers of 5xx in a row that eject; a broken connection or a missed deadline ejects at once. */
const errorsUntilEjection = 3;
/** How much more than the mean a replica may carry before its cached prefix no longer decides. */
const affinityOverload = 1.25;
const gapsKept = 512;
const gapsBetweenEstimates = 128;

interface Replica {
  inFlight: number;
  errorsInARow: number;
  ejections: number;
  ejectedUntil: number;
  gaps: number[];
  gapsSeen: number;
  p99GapMilliseconds: number;
  isGone: boolean;
}

/** What is known of each backend: load, failures, pace. Survives a change of settings. */
export class ReplicaPool {
  readonly #replicas = new Map<string, Replica>();
  readonly #now: () => number;

  /** @param now Milliseconds of a clock that never jumps. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * The replica for a request with this prefix: the one that likely has it cached, unless that carries clearly more
   * than the others, else the least loaded. Null when all that are left are ejected.
   */
  choose(candidates: readonly string[], prefix: string): string | null {
    const able = candidates.filter((name) => this.#of(name).ejectedUntil <= this.#now());
    if (able.length <= 1) return able[0] ?? null;
    const loads = able.map((name) => this.#of(name).inFlight);
    const mean = loads.reduce((sum, load) => sum + load, 0) / able.length;
    const preferred = able.reduce((best, name) => (rank(name, prefix) > rank(best, prefix) ? name : best));
    if (this.#of(preferred).inFlight <= mean * affinityOverload + 1) return preferred;
    return able.reduce((best, name) => (this.#of(name).inFlight < this.#of(best).inFlight ? name : best));
  }

  /** Milliseconds until the first of these takes requests again; 0 when one does. */
  waitMilliseconds(candidates: readonly string[]): number {
    const waits = candidates.map((name) => Math.max(0, this.#of(name).ejectedUntil - this.#now()));
    return waits.length === 0 ? 0 : Math.min(...waits);
  }

  inFlight(name: string): number {
    return this.#of(name).inFlight;
  }

  begin(name: string): void {
    const replica = this.#of(name);
    replica.inFlight += 1;
    // An address that comes back is a replica like any other.
    replica.isGone = false;
  }

  end(name: string): void {
    const replica = this.#of(name);
    replica.inFlight -= 1;
    if (replica.isGone && replica.inFlight === 0) this.#replicas.delete(name);
  }

  /** Keeps nothing more of a replica that is gone, once its last request has ended. */
  forget(name: string): void {
    const replica = this.#of(name);
    replica.isGone = true;
    if (replica.inFlight === 0) this.#replicas.delete(name);
  }

  succeeded(name: string): void {
    const replica = this.#of(name);
    replica.errorsInARow = 0;
    replica.ejections = 0;
  }

  /** Counts a failure; true when the replica is ejected by it, for `ejectionMilliseconds` or a multiple. */
  failed(name: string, isDead: boolean, ejectionMilliseconds: number): boolean {
    const replica = this.#of(name);
    replica.errorsInARow += 1;
    if (!isDead && replica.errorsInARow < errorsUntilEjection) return false;
    // Many streams see the same death; it counts once.
    if (replica.ejectedUntil > this.#now()) return false;
    replica.ejectedUntil = this.#now() + ejectionMilliseconds * Math.min(longestEjection, 2 ** replica.ejections);
    replica.ejections += 1;
    return true;
  }

  observeGap(name: string, milliseconds: number): void {
    const replica = this.#of(name);
    replica.gaps[replica.gapsSeen % gapsKept] = milliseconds;
    replica.gapsSeen += 1;
    if (replica.gapsSeen % gapsBetweenEstimates !== 0) return;
    const sorted = [...replica.gaps].sort((a, b) => a - b);
    replica.p99GapMilliseconds = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  }

  /** 99th percentile of the gaps between tokens seen lately; 0 until enough were seen. */
  p99GapMilliseconds(name: string): number {
    return this.#of(name).p99GapMilliseconds;
  }

  #of(name: string): Replica {
    let replica = this.#replicas.get(name);
    if (replica === undefined) {
      replica = {
        inFlight: 0,
        errorsInARow: 0,
        ejections: 0,
        ejectedUntil: 0,
        gaps: [],
        gapsSeen: 0,
        p99GapMilliseconds: 0,
        isGone: false,
      };
      this.#replicas.set(name, replica);
    }
    return replica;
  }
}

function rank(name: string, prefix: string): number {
  return createHash("sha1").update(name).update(prefix).digest().readUInt32BE(0);
}
