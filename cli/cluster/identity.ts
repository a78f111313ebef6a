import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { lastLines, runProcess } from "../process.ts";
import { type ClusterAccess, kubectlJson } from "./kubectl.ts";

export interface ClusterIdentity {
  /** UID of the `kube-system` namespace: it cannot be moved to another cluster, a context name can. */
  readonly uid: string;
  /** `major.minor`. */
  readonly kubernetesVersion: string;
}

/** Who answers behind an access; a `Failure` when nobody does. */
export async function identify(access: ClusterAccess): Promise<ClusterIdentity> {
  const [namespace, version] = await Promise.all([
    kubectlJson<{ metadata: { uid: string } }>(access, ["get", "namespace", "kube-system"]),
    kubectlJson<{ serverVersion: { major: string; minor: string } }>(access, ["version"]),
  ]);
  const { major, minor } = version.serverVersion;
  // Managed clusters write "33+".
  return { uid: namespace.metadata.uid, kubernetesVersion: `${major}.${minor.replace(/\D+$/, "")}` };
}

/** Ends with a `Failure` when the cluster is not the expected one. `from` says where the expectation is written. */
export function requireIdentity(
  context: string,
  found: ClusterIdentity,
  expected: { readonly uid: string; readonly from: string },
): void {
  if (found.uid === expected.uid) return;
  throw new Failure(
    finding(
      "RUN-132",
      { subject: context },
      { context, found: found.uid, expected: expected.uid, from: expected.from },
    ),
  );
}

/** Ends with a `Failure` when the cluster's version is outside the range. */
export function requireVersion(
  context: string,
  found: ClusterIdentity,
  range: { readonly min: string; readonly max: string },
): void {
  const ordinal = (version: string) => {
    const [major = 0, minor = 0] = version.split(".").map(Number);
    return major * 1000 + minor;
  };
  const version = ordinal(found.kubernetesVersion);
  if (version >= ordinal(range.min) && version <= ordinal(range.max)) return;
  throw new Failure(finding("RUN-133", { subject: context }, { version: found.kubernetesVersion, ...range }));
}

/** Ends with a `Failure` when the kubeconfig has no such context. */
export async function requireContext(
  access: Pick<ClusterAccess, "context" | "kubectlPath" | "environment" | "signal">,
): Promise<void> {
  const result = await runProcess(access.kubectlPath, ["config", "get-contexts", "--output", "name"], {
    environment: access.environment,
    signal: access.signal,
    timeoutSeconds: 20,
  });
  const problem = result.status === 0 ? null : lastLines(result, 1).replace(/^error: /, "");
  const contexts = result.stdout.split("\n").filter((line) => line !== "");
  if (contexts.includes(access.context)) return;
  throw new Failure(
    finding(
      "RUN-130",
      { subject: access.context },
      { context: access.context, contexts, kubeconfig: access.environment.KUBECONFIG ?? "~/.kube/config", problem },
    ),
  );
}
