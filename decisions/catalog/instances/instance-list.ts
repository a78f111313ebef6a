import type { Sourced } from "../sourced.ts";

/** A machine with GPUs that a cloud rents, and its list price. */
export interface Instance extends Sourced {
  readonly provider: string;
  readonly instance: string;
  /** Null where the source names none. */
  readonly region: string | null;
  /** A key of the accelerator catalog, or the key it would have where the catalog does not know the GPU. */
  readonly accelerator: string;
  /** Null where the source does not say. */
  readonly gpus: number | null;
  readonly vcpus: number | null;
  readonly memoryGiB: number | null;
  /** Null where the source lists the instance without a price. */
  readonly usdPerHour: number | null;
  readonly billing: "on-demand" | "spot" | "reserved-block";
}

type Row = Omit<Instance, "provider" | "region" | "billing" | "source" | "asOf"> & Partial<Pick<Instance, "billing">>;

/** Instances of one region of a provider, with the source that they share. */
export function instanceList(
  provider: string,
  region: string | null,
  sourced: Sourced,
  rows: readonly Row[],
): Instance[] {
  return rows.map((row) => ({ billing: "on-demand", ...row, provider, region, ...sourced }));
}
