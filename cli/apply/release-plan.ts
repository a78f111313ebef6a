/** One Helm release as it is wanted: a chart folder, values, and a hash over everything that it renders. */
export interface DesiredRelease {
  readonly name: string;
  readonly namespace: string;
  /** Lower phases are finished before higher ones begin. */
  readonly phase: number;
  readonly chartDirectory: string;
  /** Path of a values file, or null. */
  readonly valuesPath: string | null;
  readonly timeoutSeconds: number;
  /** True for claims: no failure, and no healing after one, may remove what they hold. */
  readonly holdsData: boolean;
  /** First 40 hex digits of the SHA-256 of the rendered manifests: a label value holds no more than 63. */
  readonly contentHash: string;
}

/** One Helm release as the cluster has it: the newest revision. */
export interface InstalledRelease {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  /** Helm's word: `deployed`, `failed`, `pending-install`, `pending-upgrade`, … */
  readonly status: string;
  /** Null when Freehold did not write it. */
  readonly contentHash: string | null;
  /** Highest revision that was deployed or superseded, or null when none ever ran. */
  readonly lastGoodRevision: number | null;
}

/** What puts right a release that an interrupted run left half done. */
export type Remedy =
  | { readonly kind: "rollback"; readonly revision: number }
  | { readonly kind: "uninstall" }
  /** Helm forgets the revision that was broken off, and takes over the objects as they are. */
  | { readonly kind: "forget"; readonly revision: number };

export type ReleaseAction =
  | { readonly kind: "install" | "upgrade" | "keep"; readonly release: DesiredRelease }
  /** An interrupted Helm run left the release half done; it is put right and applied again. */
  | { readonly kind: "heal"; readonly release: DesiredRelease; readonly remedy: Remedy }
  | { readonly kind: "remove"; readonly name: string; readonly namespace: string };

const key = ({ name, namespace }: { name: string; namespace: string }) => `${namespace}/${name}`;

/** Callers' Services go first, then what serves, then the weights it reads, and the platform last. */
export function removalRank({ name }: { readonly name: string }): number {
  // A chart release is called <model>-<version>, so it is none of these.
  if (name.startsWith("service.")) return 0;
  if (name.startsWith("fetch.")) return 2;
  if (name.startsWith("weights.")) return 3;
  // What the API server refuses it refuses to the end.
  if (name === "shared" || name === "policies") return 4;
  return name === "platform" ? 5 : 1;
}

/** A claim that was being removed goes on going; one that was being made is kept, whatever came in between. */
function remedyFor({ holdsData }: DesiredRelease, found: InstalledRelease): Remedy {
  if (holdsData && found.status !== "uninstalling") return { kind: "forget", revision: found.revision };
  return found.lastGoodRevision === null
    ? { kind: "uninstall" }
    : { kind: "rollback", revision: found.lastGoodRevision };
}

/**
 * When a change is applied. What the API server refuses is told first once a stack is there: it still holds the earlier
 * policies, which refuse the first way out that the new ones allow. At first there is no namespace to put them in.
 */
export function phaseOf({ kind, release }: Exclude<ReleaseAction, { kind: "remove" }>): number {
  return release.name === "policies" && kind !== "install" ? -1 : release.phase;
}

/** The model that a release named `<model>-<version>` is of: the longest name that it begins with, or undefined. */
function modelOf(release: string, models: readonly string[]): string | undefined {
  return models.filter((model) => release.startsWith(`${model}-`)).sort((a, b) => b.length - a.length)[0];
}

/**
 * Whether a version that goes has to make room before anything new starts: where the pool cannot hold its model's old
 * and new version at once. A model that the file no longer names has no successor to serve first; it makes room
 * wherever any other model may need it.
 */
export function goesFirst(
  release: string,
  models: Readonly<Record<string, { readonly overlap: { readonly value: { readonly fits: boolean } } }>>,
): boolean {
  const model = modelOf(release, Object.keys(models));
  const concerned = model === undefined ? Object.values(models) : [models[model]];
  return concerned.some((each) => each?.overlap.value.fits === false);
}

/** What to do with each release, wanted ones in phase and name order, then those that nobody wants any more. */
export function planReleases(
  desired: readonly DesiredRelease[],
  installed: readonly InstalledRelease[],
  missing: ReadonlySet<string>,
): readonly ReleaseAction[] {
  const present = new Map(installed.map((release) => [key(release), release]));
  const wanted = new Set(desired.map(key));
  const inOrder = [...desired].sort((a, b) => a.phase - b.phase || key(a).localeCompare(key(b), "en"));
  return [
    ...inOrder.map((release): ReleaseAction => {
      const found = present.get(key(release));
      if (found === undefined) return { kind: "install", release };
      if (found.status.startsWith("pending-") || found.status === "uninstalling") {
        return { kind: "heal", release, remedy: remedyFor(release, found) };
      }
      const same = found.status === "deployed" && found.contentHash === release.contentHash;
      return { kind: same && !missing.has(key(release)) ? "keep" : "upgrade", release };
    }),
    ...installed
      .filter((release) => !wanted.has(key(release)))
      .sort((a, b) => removalRank(a) - removalRank(b) || key(a).localeCompare(key(b), "en"))
      .map(({ name, namespace }): ReleaseAction => ({ kind: "remove", name, namespace })),
  ];
}

/** True when applying the actions would touch nothing. */
export function changesNothing(actions: readonly ReleaseAction[]): boolean {
  return actions.every(({ kind }) => kind === "keep");
}

/** One line a changed release, as shown before anything is applied. */
export function describeActions(actions: readonly ReleaseAction[]): readonly string[] {
  const signs = { install: "+", upgrade: "~", heal: "~", remove: "-", keep: " " } as const;
  const words = {
    install: "is installed",
    upgrade: "is changed",
    heal: "was left half done and is applied again",
    remove: "is removed",
    keep: "stays",
  } as const;
  return actions
    .filter(({ kind }) => kind !== "keep")
    .map((action) => {
      const { name, namespace } = action.kind === "remove" ? action : action.release;
      return `${signs[action.kind]} ${namespace}/${name} ${words[action.kind]}`;
    });
}
