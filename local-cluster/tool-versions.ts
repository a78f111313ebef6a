import { pinnedVersion, type ToolName } from "./tool-modules.ts";

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The first dotted version in a text; undefined when there is none. */
export function parseVersion(text: string): Version | undefined {
  const match = /(?:^|[^\d.])v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}

/** The arguments that make a tool print its version without talking to anything. */
export const versionArguments: Readonly<Record<ToolName, readonly string[]>> = {
  "kube-apiserver": ["--version"],
  "kube-controller-manager": ["--version"],
  "kube-scheduler": ["--version"],
  kubectl: ["version", "--client"],
  etcd: ["--version"],
  kwok: ["--version"],
  helm: ["version", "--short"],
  crane: ["version"],
  cyclonus: ["version"],
};

/**
 * True when a binary of this version can stand in for the one we would compile. The control plane must be of
 * one minor version, because that is what is tested; kubectl may be one minor away, as Kubernetes allows; etcd
 * and kwok keep their formats within a minor version; helm 4 applies differently, so only helm 3 is taken.
 */
export function isAcceptable(tool: ToolName, found: Version, pinned: Version = pinnedVersionOf(tool)): boolean {
  if (found.major !== pinned.major) return false;
  switch (tool) {
    case "kubectl":
      return Math.abs(found.minor - pinned.minor) <= 1;
    case "helm":
      return found.minor >= 18;
    default:
      return found.minor === pinned.minor;
  }
}

/** The versions that are accepted from PATH, in words for a message. */
export function acceptedVersions(tool: ToolName): string {
  const { major, minor } = pinnedVersionOf(tool);
  switch (tool) {
    case "kubectl":
      return `${major}.${minor - 1} to ${major}.${minor + 1}`;
    case "helm":
      return `${major}.18 or newer, below ${major + 1}`;
    default:
      return `${major}.${minor}`;
  }
}

function pinnedVersionOf(tool: ToolName): Version {
  const version = parseVersion(pinnedVersion(tool));
  if (version === undefined) throw new TypeError(`the pinned version of ${tool} cannot be read`);
  return version;
}
