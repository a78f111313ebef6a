import type { Lock, LockedWeights } from "./schema.ts";

type LockSection = "images" | "weights" | "charts";

/** One difference between two locks of the same stack. */
export interface LockChange {
  readonly section: LockSection;
  /** The reference, as the lock spells it. */
  readonly key: string;
  /** `moved`: the reference leads elsewhere now. `files`: same commit, but other files of it are served. */
  readonly kind: "added" | "removed" | "moved" | "files";
  /** Digest or commit before; null when it was not locked. */
  readonly from: string | null;
  /** Digest or commit after; null when it is not locked any more. */
  readonly to: string | null;
  /** Size of the served files before and after; null for images and charts. */
  readonly bytes: { readonly from: number | null; readonly to: number | null } | null;
}

/**
 * What a reviewer must know about a new lock, sorted. When and from which mirror an entry was resolved is no change:
 * what is deployed does not depend on it.
 */
export function diffLock(previous: Lock | null, next: Lock): LockChange[] {
  const before = previous ?? { images: {}, weights: {}, charts: {} };
  return [
    ...differences("images", before.images, next.images, { identity: ({ digest }) => digest }),
    ...differences("weights", before.weights, next.weights, {
      identity: ({ commit }) => commit,
      bytes: weightBytes,
      content: fileList,
    }),
    ...differences("charts", before.charts, next.charts, { identity: ({ digest }) => digest }),
  ];
}

/** Size of everything that is fetched for one model version. Bytes. */
export function weightBytes(weights: LockedWeights): number {
  return Object.values(weights.files).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Equal for two entries that hold the same files. */
export function fileList(weights: LockedWeights): string {
  const files = Object.entries(weights.files).map(
    ([name, { bytes, sha256 }]) => [name, bytes, sha256 ?? null] as const,
  );
  return JSON.stringify(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface Reading<T> {
  identity(entry: T): string;
  bytes?(entry: T): number;
  content?(entry: T): string;
}

function differences<T>(
  section: LockSection,
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  { identity, bytes, content }: Reading<T>,
): LockChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key): LockChange[] => {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    const now = Object.hasOwn(after, key) ? after[key] : undefined;
    const change = {
      section,
      key,
      from: old === undefined ? null : identity(old),
      to: now === undefined ? null : identity(now),
      bytes:
        bytes === undefined
          ? null
          : { from: old === undefined ? null : bytes(old), to: now === undefined ? null : bytes(now) },
    };
    if (old === undefined) return [{ ...change, kind: "added" }];
    if (now === undefined) return [{ ...change, kind: "removed" }];
    if (change.from !== change.to) return [{ ...change, kind: "moved" }];
    if (content !== undefined && content(old) !== content(now)) return [{ ...change, kind: "files" }];
    return [];
  });
}
