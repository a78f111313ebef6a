import type { LoadLimit } from "./capacity/operating-point.ts";
import type { Sizing } from "./capacity/sizing.ts";
import type { Range } from "./range.ts";

/** What one replica holds and delivers, as plain data. */
export interface SizingBlueprint {
  /** Memory of one GPU, the fullest of a replica. Bytes. */
  readonly memory: {
    readonly visibleBytes: number;
    readonly usableBytes: number;
    readonly terms: readonly { readonly name: string; readonly bytes: number; readonly why: string }[];
    readonly cacheBytes: number;
    /** How far `cacheBytes` may be off either way. */
    readonly uncertaintyBytes: number;
  };
  /** Tokens that a replica's cache holds. */
  readonly cacheTokens: number;
  /** Requests of the longest length that it holds at once. */
  readonly longestRequests: number;
  /** By workload, at the highest load that keeps its objectives. */
  readonly points: readonly {
    readonly workload: string;
    readonly path: string;
    readonly concurrency: number;
    readonly limit: LoadLimit;
    readonly ttftMilliseconds: Range;
    readonly interTokenMilliseconds: Range | null;
    readonly requestsPerSecond: Range;
    readonly totalTokensPerSecond: Range;
    readonly basis: readonly string[];
  }[];
  /** Replicas that the busiest hour needs and that are spare; null where no workload says. */
  readonly fleet: { readonly working: number; readonly spare: number } | null;
}

export function describeSizing({ budget, points, fleet }: Sizing): SizingBlueprint {
  const { visibleBytes, usableBytes, terms, poolBytes, uncertaintyBytes, capacity } = budget;
  return {
    memory: {
      visibleBytes,
      usableBytes,
      terms: terms.map(({ name, bytes, because }) => ({ name, bytes, why: because })),
      cacheBytes: poolBytes,
      uncertaintyBytes,
    },
    cacheTokens: capacity.tokens,
    longestRequests: capacity.longestRequests,
    points: points.map(({ kind, ...point }) => point),
    fleet: fleet === null ? null : { working: fleet.working, spare: fleet.spare },
  };
}
