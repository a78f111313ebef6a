import { type Finding, passes } from "../config/diagnostics/finding.ts";
import type { Lock } from "../config/lock/schema.ts";
import type { Config } from "../config/schema/index.ts";
import { checkAccelerator, checkModelLength, checkTensorParallelSize } from "./accelerator-fit.ts";
import { decideAgents } from "./agents/agents.ts";
import type { Blueprint, ClusterBlueprint, Decided, ModelBlueprint, ReleaseBlueprint } from "./blueprint.ts";
import { type Demand, demandOf } from "./capacity/demand.ts";
import { gradingsOf } from "./capacity/grading.ts";
import type { Catalog } from "./catalog/index.ts";
import { lookUp } from "./catalog/look-up.ts";
import { checkDates, withUserFacts } from "./catalog/user-facts.ts";
import type { Capacity } from "./cost/fleet.ts";
import { decideShape } from "./decide-shape.ts";
import { checkDrain } from "./drain.ts";
import { decideEgressProxy } from "./egress-proxy.ts";
import { checkEngineVersion, checkFloorAge } from "./engine-version.ts";
import { checkVocabularies } from "./engines/vocabulary.ts";
import { countText, sortedEntries } from "./figures.ts";
import { decideGateway } from "./gateway/gateway.ts";
import { checkHosting, checkUsedPrices, checkVerdicts } from "./hosting/checks.ts";
import { decideStackHosting, type StackHosting } from "./hosting/stack-hosting.ts";
import { checkLicences, licenceUseOf } from "./licence.ts";
import { checkLockUse, stackId } from "./lock-use.ts";
import { describePool } from "./node-pool.ts";
import { type PoolPlacement, placeOnPool } from "./placement.ts";
import { decidePriorityClasses } from "./priority.ts";
import { policy } from "./reason.ts";
import { decideRelease } from "./release.ts";
import type { ReleaseContext } from "./release-context.ts";
import { decideResidency } from "./residency/residency.ts";
import { servingVersionOf } from "./serving-version.ts";
import { rescheduleSeconds } from "./tolerations.ts";
import { checkToolCalls } from "./tool-calls.ts";
import { type VersionContext, versionContexts } from "./version-context.ts";

interface DecideOptions {
  /** Today, `YYYY-MM-DD`, by the caller's clock: facts that age are held against it. */
  readonly asOf: string;
  /** SHA-256 of the lock file's content, or null when there is none. */
  readonly lockHash: string | null;
}

export interface Decision {
  /** Null when a finding forbids deploying, or when the file's own checks would have refused it. */
  readonly blueprint: Blueprint | null;
  /** Whether to host at all, which is answered also when nothing can be deployed; null where the file names no workloads. */
  readonly hosting: StackHosting | null;
  readonly findings: readonly Finding[];
}

/**
 * What is deployed for a stack file, each value with its reasons, and everything that speaks against it. Pure: the same
 * file, lock and catalog always give the same Blueprint. A model that names a node pool nobody defined is passed over,
 * because the file's own checks report it; there is then no Blueprint.
 */
export function decide(config: Config, lock: Lock | null, builtIn: Catalog, options: DecideOptions): Decision {
  const { catalog, findings: factFindings } = withUserFacts(builtIn, config.catalog);
  const findings: Finding[] = [
    ...factFindings,
    ...checkDates(config, catalog),
    ...checkLockUse(config, lock, catalog),
    ...checkVocabularies(config, lock),
  ];
  // Another stack's lock says nothing about this one, not even sizes.
  const ownLock = lock !== null && lock.stack === stackId(config) ? lock : null;
  const stack = `${config.name}-${config.environment}`;
  const versions = versionContexts(config, catalog);
  const pools = sortedEntries(config.nodePools);
  findings.push(...pools.flatMap(([name, pool]) => checkAccelerator(name, pool, catalog)));
  findings.push(
    ...checkLicences(config, catalog, licenceUseOf(config)),
    ...checkModels(versions),
    ...versions.flatMap(checkEngineVersion),
    ...checkToolCalls(config, versions),
    ...checkFloorAge(config, catalog, options.asOf),
  );
  const { contexts, findings: shapeFindings } = shapeReleases(versions, demandsByModel(config));
  findings.push(...shapeFindings);

  const hosting =
    config.workloads === undefined ? null : decideStackHosting(config, catalog, capacitiesOf(config, contexts));
  findings.push(
    ...checkHosting(config, catalog, options),
    ...(hosting === null ? [] : [...checkUsedPrices(hosting, options), ...checkVerdicts(hosting)]),
  );

  const residency = decideResidency(config, versions, catalog, options.asOf);
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
  if (models === null || !passes(findings)) return { blueprint: null, hosting, findings };
  const inference = `${stack}-inference`;
  const gateway = decideGateway(config, models, inference, ownLock, residency.residency);
  const agents = decideAgents(config, ownLock);
  const blueprint: Blueprint = {
    name: config.name,
    environment: config.environment,
    state: config.state,
    cluster: describeCluster(config, catalog),
    namespaces: { inference, gateway: gateway?.namespace ?? null, agents: agents?.namespace ?? null },
    residency: residency.residency,
    egressProxy: residency.residency.egress.value === null ? null : decideEgressProxy(config, ownLock, catalog),
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
    gateway,
    agents,
    silenced: Object.fromEntries(sortedEntries(config.silence ?? {})),
  };
  return { blueprint, hosting, findings };
}

/** Unique across models and versions, where `a-b` + `c` and `a` + `b-c` give one release name (a finding of the file's checks). */
function releaseKey({ modelName, versionName }: ReleaseContext): string {
  return `${modelName}/${versionName}`;
}

/** What the workloads ask of each model, by the model's name; what they have graded asks the judge. */
export function demandsByModel(config: Config): ReadonlyMap<string, readonly Demand[]> {
  const demands = new Map<string, Demand[]>();
  for (const [name, workload] of sortedEntries(config.workloads ?? {})) {
    demands.set(workload.model, [...(demands.get(workload.model) ?? []), demandOf(name, workload)]);
  }
  for (const { judge, demand } of gradingsOf(config)) demands.set(judge, [...(demands.get(judge) ?? []), demand]);
  return demands;
}

/** The versions whose replicas have a size and a number; each is sized for all that is asked of its model. */
function shapeReleases(
  versions: readonly VersionContext[],
  demands: ReadonlyMap<string, readonly Demand[]>,
): { readonly contexts: readonly ReleaseContext[]; readonly findings: readonly Finding[] } {
  const contexts: ReleaseContext[] = [];
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const version of versions) {
    const { shape, findings: found } = decideShape(version, demands.get(version.modelName) ?? []);
    // A fault of the model, not of a version, is one finding.
    for (const one of found) {
      const key = `${version.modelName} ${one.code} ${one.title}`;
      if (!seen.has(key)) findings.push(one);
      seen.add(key);
    }
    if (shape !== null) contexts.push({ ...version, shape });
  }
  return { contexts, findings };
}

/** What each workload, and each grading of one, gets from one replica of the version that serves it; null where that could not be computed. */
function capacitiesOf(config: Config, contexts: readonly ReleaseContext[]): Record<string, Capacity | null> {
  const asked = [
    ...sortedEntries(config.workloads ?? {}).map(([name, { model }]) => ({ name, model })),
    ...gradingsOf(config).map(({ judge, demand }) => ({ name: demand.workload, model: judge })),
  ];
  return Object.fromEntries(
    asked.map(({ name, model }) => {
      const served = lookUp(config.models, model);
      const version = served === null ? null : servingVersionOf(served);
      const context = contexts.find(({ modelName, versionName }) => modelName === model && versionName === version);
      const point = context?.shape.sizing?.points.find(({ workload }) => workload === name);
      if (context === undefined || point === undefined) return [name, null];
      return [
        name,
        {
          totalTokensPerSecondPerReplica: point.totalTokensPerSecond,
          gpusPerReplica: context.shape.tensorParallelSize.value,
          gpusPerNode: context.pool.gpusPerNode,
        },
      ];
    }),
  );
}

function onPool(contexts: readonly ReleaseContext[], poolName: string): ReleaseContext[] {
  return contexts.filter((context) => context.poolName === poolName);
}

/** Rules about a model as a whole, so that two versions of one fault are one finding. */
function checkModels(contexts: readonly VersionContext[]): Finding[] {
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
        traffic: Object.fromEntries(sortedEntries(model.traffic)),
        overlap,
        versions: Object.fromEntries(versions),
      },
    ]);
  }
  return Object.fromEntries(models);
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
