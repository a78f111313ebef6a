import { type Finding, passes } from "../config/diagnostics/finding.ts";
import type { Lock } from "../config/lock/schema.ts";
import type { Config, ModelConfig } from "../config/schema/index.ts";
import { checkAccelerator, checkModelLength, checkTensorParallelSize } from "./accelerator-fit.ts";
import type { Blueprint, ClusterBlueprint, Decided, ModelBlueprint, ReleaseBlueprint } from "./blueprint.ts";
import type { Catalog } from "./catalog/index.ts";
import { checkDates, withUserFacts } from "./catalog/user-facts.ts";
import { checkDrain } from "./drain.ts";
import { checkEngineVersion, checkFloorAge } from "./engine-version.ts";
import { countText } from "./figures.ts";
import { checkLockUse, stackId } from "./lock-use.ts";
import { describePool } from "./node-pool.ts";
import { type PoolPlacement, placeOnPool } from "./placement.ts";
import { decidePriorityClasses } from "./priority.ts";
import { policy } from "./reason.ts";
import { decideRelease } from "./release.ts";
import { type ReleaseContext, releaseContexts, sortedEntries } from "./release-context.ts";
import { decideResidency } from "./residency/residency.ts";
import { rescheduleSeconds } from "./tolerations.ts";

interface DecideOptions {
  /** Today, `YYYY-MM-DD`, by the caller's clock: facts that age are held against it. */
  readonly asOf: string;
  /** SHA-256 of the lock file's content, or null when there is none. */
  readonly lockHash: string | null;
}

export interface Decision {
  /** Null when a finding forbids deploying, or when the file's own checks would have refused it. */
  readonly blueprint: Blueprint | null;
  readonly findings: readonly Finding[];
}

/**
 * What is deployed for a stack file, each value with its reasons, and everything that speaks against it. Pure: the same
 * file, lock and catalog always give the same Blueprint. A model that names a node pool nobody defined is passed over,
 * because the file's own checks report it; there is then no Blueprint.
 */
export function decide(config: Config, lock: Lock | null, builtIn: Catalog, options: DecideOptions): Decision {
  const { catalog, findings: factFindings } = withUserFacts(builtIn, config.catalog);
  const findings: Finding[] = [...factFindings, ...checkDates(config, catalog), ...checkLockUse(config, lock, catalog)];
  // Another stack's lock says nothing about this one, not even sizes.
  const ownLock = lock !== null && lock.stack === stackId(config) ? lock : null;
  const stack = `${config.name}-${config.environment}`;
  const contexts = releaseContexts(config, catalog);
  const pools = sortedEntries(config.nodePools);
  findings.push(...pools.flatMap(([name, pool]) => checkAccelerator(name, pool, catalog)));
  findings.push(
    ...checkModels(contexts),
    ...contexts.flatMap(checkEngineVersion),
    ...checkFloorAge(catalog, options.asOf),
  );

  const residency = decideResidency(config, contexts, catalog, options.asOf);
  findings.push(...residency.findings);

  const placements = new Map<string, PoolPlacement>();
  for (const [name, pool] of pools) {
    const placement = placeOnPool(name, pool, onPool(contexts, name));
    placements.set(name, placement);
    findings.push(...placement.findings);
  }

  const releases = new Map<string, ReleaseBlueprint>();
  for (const context of contexts) {
    const placement = placements.get(context.poolName);
    if (placement === undefined) continue;
    const decidedRelease = decideRelease(context, stack, ownLock, placement);
    findings.push(...decidedRelease.findings);
    if (decidedRelease.release !== null) releases.set(releaseKey(context), decidedRelease.release);
  }

  const models = assembleModels(config, contexts, releases, placements, catalog);
  if (models === null || !passes(findings)) return { blueprint: null, findings };
  const blueprint: Blueprint = {
    name: config.name,
    environment: config.environment,
    state: config.state,
    cluster: describeCluster(config, catalog),
    namespaces: { inference: `${stack}-inference` },
    residency: residency.residency,
    gpuQuota: decideQuota([...placements.values()]),
    priorityClasses: decidePriorityClasses(stack, contexts),
    lockHash: options.lockHash,
    rescheduleSeconds: rescheduleSeconds(catalog),
    nodePools: Object.fromEntries(
      pools.flatMap(([name, pool]) => {
        const placement = placements.get(name);
        return placement === undefined ? [] : [[name, describePool(name, pool, placement)]];
      }),
    ),
    models,
    silenced: Object.fromEntries(sortedEntries(config.silence ?? {})),
  };
  return { blueprint, findings };
}

/** Unique across models and versions, where `a-b` + `c` and `a` + `b-c` give one release name (a finding of the file's checks). */
function releaseKey({ modelName, versionName }: ReleaseContext): string {
  return `${modelName}/${versionName}`;
}

function onPool(contexts: readonly ReleaseContext[], poolName: string): ReleaseContext[] {
  return contexts.filter((context) => context.poolName === poolName);
}

/** Rules about a model as a whole, so that two versions of one fault are one finding. */
function checkModels(contexts: readonly ReleaseContext[]): Finding[] {
  const seen = new Set<string>();
  return contexts.flatMap((context) => {
    const found = [
      ...checkTensorParallelSize(context),
      ...checkModelLength(context),
      ...(seen.has(context.modelName) ? [] : checkDrain(context)),
    ];
    const fresh = found.filter(({ code, title }) => !seen.has(`${context.modelName} ${code} ${title}`));
    for (const { code, title } of fresh) seen.add(`${context.modelName} ${code} ${title}`);
    seen.add(context.modelName);
    return fresh;
  });
}

function assembleModels(
  config: Config,
  contexts: readonly ReleaseContext[],
  releases: ReadonlyMap<string, ReleaseBlueprint>,
  placements: ReadonlyMap<string, PoolPlacement>,
  catalog: Catalog,
): Record<string, ModelBlueprint> | null {
  const models: [string, ModelBlueprint][] = [];
  for (const [modelName, model] of sortedEntries(config.models)) {
    const own = contexts.filter((context) => context.modelName === modelName);
    const servingVersion = servingVersionOf(model);
    const overlap = placements.get(model.nodePool)?.overlaps.get(modelName);
    if (overlap === undefined || servingVersion === null) return null;
    const versions: [string, ReleaseBlueprint][] = [];
    for (const context of own) {
      const release = releases.get(releaseKey(context));
      if (release === undefined) return null;
      versions.push([context.versionName, release]);
    }
    models.push([
      modelName,
      {
        service: modelName,
        port: catalog.engines.vllm.port,
        servingVersion,
        overlap,
        versions: Object.fromEntries(versions),
      },
    ]);
  }
  return Object.fromEntries(models);
}

/** The version with the largest share; null when no version has any, which the file's checks report. */
function servingVersionOf(model: ModelConfig): string | null {
  const shares = sortedEntries(model.traffic).filter(
    ([version, percent]) => percent > 0 && Object.hasOwn(model.versions, version),
  );
  return shares.sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

function describeCluster(config: Config, catalog: Catalog): ClusterBlueprint {
  const { cluster } = config;
  const existing = cluster.target === "existing" ? cluster.existing : null;
  return {
    target: cluster.target,
    context: existing?.context ?? null,
    uid: existing?.uid ?? null,
    weightsStorageClass: existing?.storageClass ?? "freehold-local",
    kubernetes: { min: catalog.kubernetes.min, max: catalog.kubernetes.max },
  };
}

function decideQuota(placements: readonly PoolPlacement[]): Decided<number> {
  const most = placements.reduce((sum, { gpusAtMost }) => sum + gpusAtMost, 0);
  const second = placements.reduce((sum, { gpusOfOverlaps }) => sum + gpusOfOverlaps, 0);
  const during = placements.reduce((sum, { gpusDuringRollout }) => sum + gpusDuringRollout.value, 0);
  return {
    value: most,
    because: [
      policy(
        `${countText(during, "GPU")} are asked for while every release that can surge does so${second === 0 ? "" : `, and ${second} more by second versions where a pool has room for them`}. A pod on its way out still counts until it is gone, so each release may count one replica more, and after a node's death all that ran on it may count twice: ${most} at most.`,
      ),
    ],
  };
}
