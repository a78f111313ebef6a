import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../config/diagnostics/failure.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import type { SynthesizedStack } from "../../stacks/build.ts";
import { type ClusterAccess, kubectl, unreachable } from "../cluster/kubectl.ts";
import { replaceDirectory } from "../disk.ts";
import type { ProgressReport } from "../terminal/progress.ts";
import { applyRelease, type Helm, healRelease, installedReleases, removeRelease } from "./helm.ts";
import { manifestUnits, objectsFile, stackId, type WrittenUnit, writeUnits } from "./manifest-units.ts";
import { describeActions, goesFirst, phaseOf, planReleases, type ReleaseAction, removalRank } from "./release-plan.ts";
import { checkRendered } from "./rendered-objects.ts";

/** Everything that applying as manifests would do, worked out and written down before anything is touched. */
export interface ManifestPlan {
  readonly blueprint: Blueprint;
  readonly actions: readonly ReleaseAction[];
  /** One line a change. */
  readonly summary: readonly string[];
}

/** Ten seconds in all; the API server takes one or two. */
const admissionAttempts = 20;
const admissionPauseMilliseconds = 500;

/** Units of one phase are independent; more than a few processes at once only slow each other down. */
const parallelUnits = 4;

/** Compares what is wanted with what the cluster has. What a guard refuses ends it before the cluster is asked. */
export async function planManifests(
  helm: Helm,
  blueprint: Blueprint,
  stacks: readonly SynthesizedStack[],
  folders: { readonly outputDirectory: string; readonly workshop: string },
): Promise<ManifestPlan> {
  const units = manifestUnits(stacks, blueprint, folders.outputDirectory);
  replaceDirectory(folders.workshop, () => {
    // Empty on purpose: what an earlier run left is not part of this one.
  });
  const written = await writeUnits(units, join(folders.workshop), helm.path, helm.access.environment);
  const refused = checkRendered(written, blueprint).find(({ severity }) => severity === "error");
  if (refused !== undefined) throw new Failure(refused);
  const installed = await installedReleases(helm.access, stackId(blueprint));
  const missing = await unitsWithMissingObjects(helm.access, written);
  const actions = planReleases(
    written.map(({ desired }) => desired),
    installed,
    missing,
  );
  return { blueprint, actions, summary: describeActions(actions) };
}

/** Keys of units of which the cluster lacks an object: removed by hand, although Helm's record says it is there. */
async function unitsWithMissingObjects(
  access: ClusterAccess,
  written: readonly WrittenUnit[],
): Promise<ReadonlySet<string>> {
  const missing = new Set<string>();
  await inParallel(written, async ({ desired, manifests }) => {
    const result = await kubectl(
      access,
      ["get", "--filename", "-", "--ignore-not-found", "--output", "name"],
      manifests,
    );
    // A kind that the cluster does not know is missing for sure, and Helm says so; any other failure says nothing.
    if (result.status !== 0 && !/no matches for kind/.test(result.stderr)) throw unreachable(access, result);
    const found = result.stdout.split("\n").filter((line) => line !== "").length;
    const wanted = manifests.split(/^---$/m).filter((document) => /^kind:/m.test(document)).length;
    if (found < wanted) missing.add(`${desired.namespace}/${desired.name}`);
  });
  return missing;
}

/** Applies a plan phase by phase. The first failure ends it after its phase: what depends on it is not begun. */
export async function applyManifests(helm: Helm, plan: ManifestPlan, progress: ProgressReport): Promise<void> {
  const removals = plan.actions.filter((action) => action.kind === "remove");
  const changes = plan.actions.filter(isChange);
  // Only versions make room; their weights always go last: a claim cannot be removed while a pod reads it.
  const { models, namespaces } = plan.blueprint;
  const first = removals.filter(({ name, namespace }) => namespace === namespaces.inference && goesFirst(name, models));
  await removeAll(helm, first, progress);
  const phases = [...new Set(changes.map(phaseOf))].sort((a, b) => a - b);
  for (const phase of phases) {
    // Policies that were changed before it take a second or two until the API server goes by them.
    if (phase === 0 && phases.includes(-1)) await whenAdmitted(helm.access, changes);
    await inParallel(
      changes.filter((action) => phaseOf(action) === phase),
      async (action) => {
        const { release } = action;
        await progress.during(
          `${release.namespace}/${release.name}`,
          `Apply ${release.name}`,
          async () => {
            if (action.kind === "heal") await healRelease(helm, release, action.remedy);
            await applyRelease(helm, release, stackId(plan.blueprint));
          },
          () => (action.kind === "install" ? "installed" : "changed"),
        );
      },
    );
  }
  await removeAll(
    helm,
    removals.filter((removal) => !first.includes(removal)),
    progress,
  );
}

/** Waits until the API server admits the platform's objects, or until it is plain that it will not: Helm then says why. */
async function whenAdmitted(access: ClusterAccess, changes: readonly Change[]): Promise<void> {
  const platform = changes.find(({ release }) => release.name === "platform");
  if (platform === undefined) return;
  const objects = join(platform.release.chartDirectory, objectsFile);
  const words = ["apply", "--dry-run=server", "--server-side", "--force-conflicts", "--filename", objects];
  for (let attempt = 0; attempt < admissionAttempts; attempt++) {
    const { status, stderr } = await kubectl(access, words);
    if (status === 0 || !stderr.includes("ValidatingAdmissionPolicy")) return;
    await sleep(admissionPauseMilliseconds, undefined, { signal: access.signal });
  }
}

/** Removes every release of a stack, what callers use first and the platform last. */
export async function destroyManifests(helm: Helm, blueprint: Blueprint, progress: ProgressReport): Promise<number> {
  const installed = await installedReleases(helm.access, stackId(blueprint));
  for (const release of [...installed].sort((a, b) => removalRank(a) - removalRank(b))) {
    await removeOne(helm, release, progress);
  }
  return installed.length;
}

type Change = Exclude<ReleaseAction, { kind: "remove" }>;

function isChange(action: ReleaseAction): action is Change {
  return action.kind !== "remove" && action.kind !== "keep";
}

type Removal = Extract<ReleaseAction, { kind: "remove" }>;

async function removeAll(helm: Helm, removals: readonly Removal[], progress: ProgressReport): Promise<void> {
  for (const removal of removals) await removeOne(helm, removal, progress);
}

function removeOne(helm: Helm, { name, namespace }: { name: string; namespace: string }, progress: ProgressReport) {
  return progress.during(
    `${namespace}/${name}`,
    `Remove ${name}`,
    () => removeRelease(helm, name, namespace),
    () => "removed",
  );
}

/** Runs all, at most a few at once, lets each finish, and then throws the first failure. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  await Promise.all(
    Array.from({ length: parallelUnits }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
        try {
          await work(item);
        } catch (error) {
          failures.push(error);
        }
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
}
