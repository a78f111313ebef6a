/** One measured point, as the files in points/ hold it. Free text stays as somebody wrote it; adapt.ts reads it. */
export interface PointRecord {
  readonly id: string;
  readonly kind: "memory" | "throughput";
  /** `fits`, or `fails: ` and what was printed. Memory points only. */
  readonly outcome?: string;
  readonly model: string;
  /** Such as `llama 32L/8kv/128`: family, layers, key-value heads, head size. */
  readonly arch?: string;
  readonly weight_dtype?: string | null;
  readonly kv_dtype?: string | null;
  readonly gpu: string;
  readonly gpu_visible_gib?: number | null;
  readonly gpus?: number | null;
  readonly tp?: number | null;
  readonly pp?: number | null;
  readonly moe_ep?: string | null;
  readonly engine: string;
  readonly engine_version?: string | null;
  readonly gpu_memory_utilization?: number | null;
  readonly max_model_len?: number | null;
  readonly other_flags?: string | null;
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly concurrency?: number | null;
  readonly measured: Readonly<Record<string, number | null | undefined>>;
  readonly derived_by_littles_law?: Readonly<Record<string, number | null | undefined>> | null;
  readonly source: string;
  readonly source_date?: string | null;
  readonly notes?: string | null;
}

/** What a point is about; the throughput metrics come from a predictor of their own. */
export type Metric =
  | "weightsGiB"
  | "kvPoolGiB"
  | "kvTokens"
  | "fits"
  | "outputTokensPerSecond"
  | "ttftMilliseconds"
  | "tpotMilliseconds";

/** One figure, computed beside measured. */
export interface Quantity {
  readonly id: string;
  readonly metric: Metric;
  /** Null when it is refused. */
  readonly predicted: number | boolean | null;
  readonly measured: number | boolean;
  /** What the prediction rests on, for the table: `configuration`, `logged pool`, `logged tokens`, `logged need`. */
  readonly basis: string;
  /** Why there is no prediction; null when there is one. */
  readonly refused: string | null;
}

/** Computes what it can of one record. */
export type Predictor = (record: PointRecord) => readonly Quantity[];

/** Relative error, percent; 0 or 100 for `fits`. Null when refused. */
export function errorPercent({ predicted, measured }: Quantity): number | null {
  if (predicted === null) return null;
  if (typeof predicted === "boolean" || typeof measured === "boolean") return predicted === measured ? 0 : 100;
  return measured === 0 ? null : (predicted / measured - 1) * 100;
}
