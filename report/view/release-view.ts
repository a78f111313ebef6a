import type { Config } from "../../config/schema/index.ts";
import { type LoadCurve, loadCurve } from "../../decisions/capacity/load-curve.ts";
import type { Catalog } from "../../decisions/catalog/index.ts";
import { demandsByModel } from "../../decisions/decide.ts";
import { decideShape, sizingRequest } from "../../decisions/decide-shape.ts";
import { servingVersionOf } from "../../decisions/serving-version.ts";
import { describeSizing, type SizingBlueprint } from "../../decisions/sizing-blueprint.ts";
import { limitTexts } from "../../decisions/sizing-reasons.ts";
import { type VersionContext, versionContexts } from "../../decisions/version-context.ts";

/** Latency of one replica against its load, for one workload. */
export interface LatencyView extends LoadCurve {
  readonly limitText: string;
  /** Requests a second that one working replica gets in the busiest hour; null where several workloads share it. */
  readonly neededPerSecond: number | null;
  /** What the ranges rest on, a sentence each. */
  readonly basis: readonly string[];
}

/** One model version: what a GPU of it holds and how it answers. */
export interface ReleaseView {
  readonly release: string;
  readonly model: string;
  readonly isServing: boolean;
  readonly repository: string;
  readonly accelerator: string;
  readonly pool: string;
  /** Null where nothing says how large a replica is. */
  readonly shape: {
    readonly replicas: number;
    readonly gpusPerReplica: number;
    readonly fleet: SizingBlueprint["fleet"];
  } | null;
  /** Null where it could not be computed. */
  readonly sizing: SizingBlueprint | null;
  readonly latencies: readonly LatencyView[];
}

/** Every version of the file, by model and version name, sized anew: it stands also where a finding forbids deploying. */
export function releaseViews(config: Config, catalog: Catalog): ReleaseView[] {
  const demands = demandsByModel(config);
  return versionContexts(config, catalog).map((context) => releaseView(context, demands.get(context.modelName) ?? []));
}

function releaseView(context: VersionContext, demands: Parameters<typeof decideShape>[1]): ReleaseView {
  const { shape } = decideShape(context, demands);
  const sizing = shape?.sizing ?? null;
  const request = sizingRequest(context, demands);
  return {
    release: context.release,
    model: context.modelName,
    isServing: servingVersionOf(context.model) === context.versionName,
    repository: context.version.weights.repository,
    accelerator: context.pool.accelerator,
    pool: context.poolName,
    shape:
      shape === null
        ? null
        : {
            replicas: shape.replicas.value,
            gpusPerReplica: shape.tensorParallelSize.value,
            fleet: sizing === null || sizing.fleet === null ? null : describeSizing(sizing).fleet,
          },
    sizing: sizing === null ? null : describeSizing(sizing),
    latencies:
      sizing === null || request === null
        ? []
        : demands.flatMap((demand) => {
            const curve = loadCurve(request, sizing, demand);
            if (curve === null) return [];
            const working = sizing.fleet?.working ?? 1;
            return [
              {
                ...curve,
                limitText: limitTexts[curve.limit],
                neededPerSecond: demands.length === 1 ? demand.requestsPerSecond / working : null,
                basis: sizing.points.find(({ workload }) => workload === demand.workload)?.basis ?? [],
              },
            ];
          }),
  };
}
