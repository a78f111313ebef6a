import { existsSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { Failure } from "../config/diagnostics/failure.ts";
import { finding } from "../config/diagnostics/finding.ts";
import { ApiClient } from "./api-client.ts";
import { convergeNodes, ensureVolumes, grantKwokAccess, listNodes } from "./cluster-objects.ts";
import { type ClusterRecord, newRecord, readRecord, recordedProcesses, writeRecord } from "./cluster-record.ts";
import { endProcesses } from "./component-process.ts";
import {
  dropUnusableCertificate,
  ensureServiceAccountKey,
  ensureTokens,
  type Identity,
  kubeconfig,
  readCertificateAuthority,
} from "./credentials.ts";
import { fileSystemFailure, requireSupportedPlatform } from "./failures.ts";
import { type ComponentName, Layout } from "./layout.ts";
import { type Lock, tryLock } from "./lock-file.ts";
import { makePrivateFolder, writePrivateFile } from "./private-files.ts";
import { isAlive } from "./process-identity.ts";
import { type Progress, withStep } from "./progress.ts";
import { isReady, type SimulatedNode } from "./simulated-node.ts";
import { kwokConfiguration } from "./stages.ts";
import { allProcesses, Startup } from "./startup.ts";

export { failNode, recoverNode } from "./cluster-objects.ts";
export type { SimulatedNode } from "./simulated-node.ts";

/** A control plane that runs on this machine, and how to reach it. */
export interface LocalCluster {
  readonly kubeconfigPath: string;
  /** The context in that file; differs from cluster to cluster. */
  readonly context: string;
  /** As the API server says it, such as `v1.35.4`. */
  readonly kubernetesVersion: string;
  /** The UID of the `kube-system` namespace, by which a cluster is known. */
  readonly uid: string;
}

export type UpOutcome = "started" | "reused" | "repaired";

export interface UpOptions {
  /** Everything of the cluster is kept here; one folder, one cluster. */
  readonly directory: string;
  readonly tools: Readonly<Record<ComponentName, string>>;
  readonly nodes: readonly SimulatedNode[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** The port of the API on 127.0.0.1; a free one when left out. */
  readonly port?: number;
  /** After how long without a sign of life a node counts as dead; Kubernetes' default, 50 s, when left out. */
  readonly nodeMonitorGracePeriodSeconds?: number;
}

/**
 * A control plane that is ready, with exactly the nodes asked for. What runs as it is meant to is left alone, so
 * a second call changes nothing; what has died is started again on the same data; what another call began and
 * did not finish is finished.
 */
export async function up(options: UpOptions): Promise<{ cluster: LocalCluster; outcome: UpOutcome }> {
  requireSupportedPlatform(process.platform);
  const { progress } = options;
  const directory = path.resolve(options.directory);
  try {
    makePrivateFolder(directory);
    const layout = new Layout(realpathSync(directory));
    return await withLock(layout.directory, () =>
      withStep(progress, { id: "local-cluster", label: "Starting the local cluster", estimateSeconds: 8 }, () =>
        bringUp(layout, options),
      ),
    );
  } catch (error) {
    throw fileSystemFailure(error, { folder: directory, doing: "starting the local cluster", compiling: false });
  }
}

async function bringUp(layout: Layout, options: UpOptions): Promise<{ cluster: LocalCluster; outcome: UpOutcome }> {
  const { signal, tools, nodes, progress } = options;
  const report = (fraction: number, detail: string) => progress.advance("local-cluster", fraction, detail);
  for (const folder of layout.folders) makePrivateFolder(folder);
  const record = readRecord(layout) ?? newRecord();
  const wasComplete = record.complete;
  const startup = new Startup({
    layout,
    record,
    programs: tools,
    fixedPort: options.port,
    nodeMonitorGracePeriodSeconds: options.nodeMonitorGracePeriodSeconds,
    signal,
  });
  try {
    const tokens = ensureTokens(layout);
    ensureServiceAccountKey(layout);
    writePrivateFile(layout.kwokConfiguration, kwokConfiguration());
    if (dropUnusableCertificate(layout, new Date())) await startup.restart("kube-apiserver");

    report(0.1, "etcd");
    await startup.ensureEtcd();
    report(0.2, "kube-apiserver");
    const authority = await startup.ensureApiServer(() => readCertificateAuthority(layout));
    writeKubeconfigs(layout, record, authority, tokens);

    const api = new ApiClient({ port: portOf(record), certificateAuthority: authority, token: tokens.admin });
    try {
      await startup.until("kube-apiserver", () => answersReady(api));
      report(0.6, "kube-controller-manager, kube-scheduler and kwok");
      await grantKwokAccess(api);
      for (const name of ["kube-controller-manager", "kube-scheduler", "kwok"] as const) {
        await startup.ensureClient(name, authority);
      }
      await ensureVolumes(api);
      await convergeNodes(api, nodes);
      report(0.8, `${nodes.length} nodes`);
      // The controller manager's first sign of life is the account without which no pod can be made.
      await startup.until("kube-controller-manager", () =>
        api.get("/api/v1/namespaces/default/serviceaccounts/default"),
      );
      await startup.until("kwok", async () => (await areReady(api, nodes)) || undefined);
      await readIdentity(api, record);
      startup.verifyAlive();
    } finally {
      api.close();
    }
    record.complete = true;
    writeRecord(layout, record);
  } catch (error) {
    const cause = await startup.causeOf(error);
    if (!wasComplete) await cleanUp(layout, record, startup, signal.aborted);
    throw cause;
  }
  const outcome = !wasComplete ? "started" : startup.started.size > 0 ? "repaired" : "reused";
  return { cluster: describe(layout, record), outcome };
}

/** A first start that did not succeed leaves no process; its logs stay unless the user ended it. */
async function cleanUp(layout: Layout, record: ClusterRecord, startup: Startup, aborted: boolean): Promise<void> {
  await startup.undo();
  if (aborted) await removeFiles(layout, record);
}

async function answersReady(api: ApiClient): Promise<true | undefined> {
  try {
    return (await api.call("GET", "/readyz")).status === 200 || undefined;
  } catch {
    // Nobody listens yet.
    return undefined;
  }
}

async function areReady(api: ApiClient, nodes: readonly SimulatedNode[]): Promise<boolean> {
  const ready = new Set((await listNodes(api)).filter(isReady).map(({ metadata }) => metadata.name));
  return nodes.every(({ name }) => ready.has(name));
}

async function readIdentity(api: ApiClient, record: ClusterRecord): Promise<void> {
  const version = await api.get<{ gitVersion: string }>("/version");
  const namespace = await api.get<{ metadata: { uid: string } }>("/api/v1/namespaces/kube-system");
  record.kubernetesVersion = version?.gitVersion ?? "";
  record.uid = namespace?.metadata.uid ?? "";
}

function writeKubeconfigs(
  layout: Layout,
  record: ClusterRecord,
  certificateAuthority: string,
  tokens: Readonly<Record<Identity, string>>,
): void {
  const context = contextOf(record);
  const text = (token: string) => kubeconfig({ context, port: portOf(record), certificateAuthority, token });
  writePrivateFile(layout.certificateAuthority, certificateAuthority);
  for (const name of ["kube-controller-manager", "kube-scheduler", "kwok"] as const) {
    writePrivateFile(layout.kubeconfigOf(name), text(tokens[name]));
  }
  writePrivateFile(layout.kubeconfig, text(tokens.admin));
}

/** Ends every process of the cluster and removes every file of it. */
export async function down(options: {
  readonly directory: string;
  readonly signal: AbortSignal;
}): Promise<{ outcome: "stopped" | "nothing-to-stop" }> {
  requireSupportedPlatform(process.platform);
  const directory = path.resolve(options.directory);
  options.signal.throwIfAborted();
  if (!existsSync(path.dirname(directory))) return { outcome: "nothing-to-stop" };
  try {
    return await withLock(existsSync(directory) ? realpathSync(directory) : directory, async () => {
      const existed = existsSync(directory);
      const layout = new Layout(existed ? realpathSync(directory) : directory);
      const record = existed ? readRecord(layout) : undefined;
      const processes = allProcesses(layout, record);
      // The data goes too, so nobody needs to be asked to put it in order first.
      await endProcesses(processes, { politely: false });
      await removeFiles(layout, record);
      return { outcome: existed || processes.length > 0 ? "stopped" : "nothing-to-stop" };
    });
  } catch (error) {
    throw fileSystemFailure(error, { folder: directory, doing: "stopping the local cluster", compiling: false });
  }
}

async function removeFiles(layout: Layout, record: ClusterRecord | undefined): Promise<void> {
  if (record?.socketFolder !== undefined) await rm(record.socketFolder, { recursive: true, force: true });
  await rm(layout.directory, { recursive: true, force: true, maxRetries: 5 });
}

/** A connection to the API of a cluster that runs, as its administrator. Close it after use. */
export function connect(options: { readonly directory: string }): ApiClient {
  const layout = new Layout(realpathSync(options.directory));
  const record = readRecord(layout);
  const certificateAuthority = readCertificateAuthority(layout);
  if (record === undefined || certificateAuthority === undefined) {
    throw new TypeError(`no local cluster runs from ${options.directory}`);
  }
  return new ApiClient({ port: portOf(record), certificateAuthority, token: ensureTokens(layout).admin });
}

export interface ComponentState {
  readonly name: ComponentName;
  readonly pid: number;
  readonly alive: boolean;
}

/** What is known of the cluster in a folder without touching it; null when there is none. */
export async function inspect(options: {
  readonly directory: string;
}): Promise<null | { readonly cluster: LocalCluster; readonly processes: readonly ComponentState[] }> {
  if (!existsSync(options.directory)) return null;
  const layout = new Layout(realpathSync(options.directory));
  const record = readRecord(layout);
  if (record === undefined || !record.complete) return null;
  const processes = recordedProcesses(record).map(({ name, process }) => ({
    name,
    pid: process.pid,
    alive: isAlive(process),
  }));
  return { cluster: describe(layout, record), processes };
}

function describe(layout: Layout, record: ClusterRecord): LocalCluster {
  const { kubernetesVersion, uid } = record;
  return { kubeconfigPath: layout.kubeconfig, context: contextOf(record), kubernetesVersion, uid };
}

function contextOf({ id }: ClusterRecord): string {
  return `freehold-local-${id}`;
}

function portOf({ port }: ClusterRecord): number {
  if (port === undefined) throw new TypeError("the API server has no port yet");
  return port;
}

/** `work` with nobody else at the same cluster. The lock lies beside the folder, which `down` removes. */
async function withLock<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const lock: Lock | { readonly holder: { readonly pid: number } | undefined } = tryLock(`${directory}.lock`);
  if ("holder" in lock) {
    throw new Failure(finding("RUN-210", { subject: "local cluster" }, { folder: directory, pid: lock.holder?.pid }));
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}
