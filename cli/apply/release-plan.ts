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

export type ReleaseAction =
  | { readonly kind: "install" | "upgrade" | "keep"; readonly release: DesiredRelease }
  /** An interrupted Helm run left the release pending; it goes back to what ran, or away, and is applied again. */
  | { readonly kind: "heal"; readonly release: DesiredRelease; readonly rollbackTo: number | null }
  | { readonly kind: "remove"; readonly name: string; readonly namespace: string };

const key = ({ name, namespace }: { name: string; namespace: string }) => `${namespace}/${name}`;

/** Callers' Services go first, then what serves, then the weights it reads, and the platform last. */
export function removalRank({ name }: { readonly name: string }): number {
  // A chart release is called <model>-<version>, so it is none of these.
  if (name.startsWith("service.")) return 0;
  if (name.startsWith("weights.")) return 2;
  if (name === "shared") return 3;
  return name === "platform" ? 4 : 1;
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
        return { kind: "heal", release, rollbackTo: found.lastGoodRevision };
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
