import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { type ClusterAccess, kubectl, unreachable } from "../cluster/kubectl.ts";
import { lastLines, type ProcessResult, runProcess } from "../process.ts";
import type { DesiredRelease, InstalledRelease, Remedy } from "./release-plan.ts";
import { rolloutStuck } from "./stuck-rollout.ts";

/** Label on Helm's own record of a release: which stack it belongs to, and what it rendered to. */
const stackLabel = "freehold/stack";
const contentLabel = "freehold/content";

/** Helm against one cluster. */
export interface Helm {
  readonly path: string;
  readonly access: ClusterAccess;
}

/** Revisions that Helm keeps of each release, so that it can go back. */
const historyLength = 5;

function helm({ path, access }: Helm, args: readonly string[], earlyEnd?: AbortSignal): Promise<ProcessResult> {
  return runProcess(
    path,
    [
      ...args,
      ...(access.kubeconfigPath === null ? [] : ["--kubeconfig", access.kubeconfigPath]),
      "--kube-context",
      access.context,
    ],
    {
      environment: access.environment,
      signal: access.signal,
      ...(earlyEnd === undefined ? {} : { earlyEnd }),
    },
  );
}

/** What a chart renders to, without a cluster. */
export async function renderChart(
  path: string,
  chart: Pick<DesiredRelease, "name" | "namespace" | "chartDirectory" | "valuesPath">,
  environment: ClusterAccess["environment"],
): Promise<string> {
  const values = chart.valuesPath === null ? [] : ["--values", chart.valuesPath];
  const result = await runProcess(
    path,
    ["template", chart.name, chart.chartDirectory, "--namespace", chart.namespace, ...values],
    { environment, timeoutSeconds: 120 },
  );
  if (result.status !== 0) throw releaseFailure(chart.name, result);
  return result.stdout;
}

/** Releases of a stack in the cluster, read from Helm's own records. */
export async function installedReleases(access: ClusterAccess, stack: string): Promise<readonly InstalledRelease[]> {
  const columns = [
    ".metadata.namespace",
    ".metadata.labels.name",
    ".metadata.labels.version",
    ".metadata.labels.status",
    `.metadata.labels.${contentLabel.replaceAll(".", "\\.")}`,
  ];
  const result = await kubectl(access, [
    "get",
    "secrets",
    "--all-namespaces",
    `--selector=owner=helm,${stackLabel}=${stack}`,
    `--output=jsonpath={range .items[*]}${columns.map((column) => `{${column}}`).join("{'\\t'}")}{'\\n'}{end}`,
  ]);
  if (result.status !== 0) throw unreachable(access, result);
  return newestRevisions(result.stdout);
}

/** The newest revision of each release in lines of namespace, name, revision, status and content, tab-separated. */
export function newestRevisions(lines: string): readonly InstalledRelease[] {
  const releases = new Map<string, InstalledRelease>();
  for (const line of lines.split("\n")) {
    const [namespace, name, revisionText, status, content] = line.split("\t");
    if (namespace === undefined || name === undefined || status === undefined) continue;
    const revision = Number(revisionText);
    const known = releases.get(`${namespace}/${name}`);
    const good = status === "deployed" || status === "superseded" ? revision : null;
    const lastGoodRevision = Math.max(known?.lastGoodRevision ?? 0, good ?? 0) || null;
    releases.set(`${namespace}/${name}`, {
      ...(known !== undefined && known.revision > revision
        ? known
        : { namespace, name, revision, status, contentHash: content === "" || content === undefined ? null : content }),
      lastGoodRevision,
    });
  }
  return [...releases.values()];
}

/**
 * Installs or upgrades; Helm waits for readiness and goes back to what ran before when that fails. It does neither for
 * what holds data: going back from a first install would remove it, and a claim may wait for its first pod to be bound.
 */
export async function applyRelease(tool: Helm, release: DesiredRelease, stack: string): Promise<void> {
  const args = [
    "upgrade",
    release.name,
    release.chartDirectory,
    "--install",
    "--namespace",
    release.namespace,
    "--create-namespace",
    ...(release.holdsData ? [] : ["--atomic", "--wait-for-jobs"]),
    `--timeout=${release.timeoutSeconds}s`,
    `--history-max=${historyLength}`,
    `--labels=${stackLabel}=${stack},${contentLabel}=${release.contentHash}`,
    ...(release.valuesPath === null ? [] : ["--values", release.valuesPath]),
  ];
  const [earlyEnd, ended] = [new AbortController(), new AbortController()];
  const stuck =
    release.valuesPath === null
      ? Promise.resolve(null)
      : rolloutStuck(tool.access, release, AbortSignal.any([ended.signal, tool.access.signal]));
  void stuck.then((reason) => {
    if (reason !== null) earlyEnd.abort();
  });
  const result = await helm(tool, args, earlyEnd.signal);
  ended.abort();
  if (result.status === 0) return;
  const reason = await stuck;
  if (reason === null) throw releaseFailure(release.name, result);
  throw new Failure(finding("RUN-140", { subject: release.name }, { release: release.name, detail: reason }));
}

/** Puts a release right that an interrupted run left half done, so that it can be applied again. */
export async function healRelease(tool: Helm, release: DesiredRelease, remedy: Remedy): Promise<void> {
  const result = await applyRemedy(tool, release, remedy);
  // The Helm of a run that was killed may still be alive and take its release back itself; gone is what was wanted.
  const isGone = remedy.kind === "uninstall" && /release: not found/.test(result.stderr);
  if (result.status !== 0 && !isGone) throw releaseFailure(release.name, result);
}

function applyRemedy(tool: Helm, { name, namespace }: DesiredRelease, remedy: Remedy): Promise<ProcessResult> {
  const place = ["--namespace", namespace];
  switch (remedy.kind) {
    case "uninstall":
      return helm(tool, ["uninstall", name, "--wait", "--timeout=300s", ...place]);
    case "rollback":
      return helm(tool, ["rollback", name, String(remedy.revision), "--timeout=300s", ...place]);
    case "forget":
      // Only the record: the objects bear Helm's marks and are taken over by the next install or upgrade.
      return kubectl(tool.access, [
        ...["delete", "secret", ...place, "--ignore-not-found"],
        `--selector=owner=helm,name=${name},version=${remedy.revision}`,
      ]);
  }
}

/** Removes a release and waits until its objects are gone. */
export async function removeRelease(tool: Helm, name: string, namespace: string): Promise<void> {
  const result = await helm(tool, [
    "uninstall",
    name,
    "--namespace",
    namespace,
    "--ignore-not-found",
    "--wait",
    "--timeout=600s",
  ]);
  if (result.status !== 0) throw releaseFailure(name, result);
}

function releaseFailure(release: string, result: ProcessResult): Failure {
  return new Failure(finding("RUN-140", { subject: release }, { release, detail: lastLines(result) }));
}
