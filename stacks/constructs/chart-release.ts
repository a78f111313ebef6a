import type { ReleaseConfig } from "@cdktf/provider-helm/lib/release/index.js";
import { sortedJson } from "../values/sorted-json.ts";

/** A chart that travels with the stack. */
export interface ChartSource {
  /** Relative to the stack's folder, with the chart's content hash in it: a changed template shows up in a plan. */
  readonly path: string;
  readonly version: string;
  /** All its files together. */
  readonly bytes: number;
}

/** How many revisions Helm keeps, each in a Secret of its own. */
const keptRevisions = 10;

/**
 * What every release of a chart of this checkout has: a failed first install is uninstalled and a failed upgrade rolled
 * back, so that nothing is left to trip over.
 */
export function chartRelease(
  chart: ChartSource,
  values: unknown,
  timeoutSeconds: number,
): Pick<
  ReleaseConfig,
  "chart" | "version" | "values" | "atomic" | "cleanupOnFail" | "wait" | "timeout" | "maxHistory"
> {
  return {
    chart: chart.path,
    version: chart.version,
    values: [sortedJson(values)],
    atomic: true,
    cleanupOnFail: true,
    wait: true,
    timeout: timeoutSeconds,
    maxHistory: keptRevisions,
  };
}
