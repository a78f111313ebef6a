import { randomBytes } from "node:crypto";
import { type ComponentName, componentNames, type Layout } from "./layout.ts";
import { readIfThere, writePrivateFile } from "./private-files.ts";
import type { ProcessIdentity } from "./process-identity.ts";

export interface ComponentProcess extends ProcessIdentity {
  /** Changes with everything the process was started with, so that a change is noticed. */
  readonly commandHash: string;
}

/** What one command leaves for the next about a cluster that runs. */
export interface ClusterRecord {
  readonly formatVersion: 1;
  /** Tells this cluster from others in kubeconfig contexts. */
  readonly id: string;
  /** False until everything has once been ready. */
  complete: boolean;
  port: number | undefined;
  socketFolder: string | undefined;
  kubernetesVersion: string;
  /** The UID of the `kube-system` namespace. */
  uid: string;
  readonly processes: Partial<Record<ComponentName, ComponentProcess>>;
}

export function newRecord(): ClusterRecord {
  return {
    formatVersion: 1,
    id: randomBytes(4).toString("hex"),
    complete: false,
    port: undefined,
    socketFolder: undefined,
    kubernetesVersion: "",
    uid: "",
    processes: {},
  };
}

/** The record of the cluster; undefined when there is none that can be read. */
export function readRecord(layout: Layout): ClusterRecord | undefined {
  const text = readIfThere(layout.record);
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as ClusterRecord;
    // A record that this version does not understand is as good as none: its processes are found by their arguments.
    const isKnown = record.formatVersion === 1 && typeof record.processes === "object" && record.processes !== null;
    return isKnown ? record : undefined;
  } catch {
    return undefined;
  }
}

export function writeRecord(layout: Layout, record: ClusterRecord): void {
  writePrivateFile(layout.record, `${JSON.stringify(record, null, 2)}\n`);
}

/** The recorded processes, with their names. */
export function recordedProcesses(record: ClusterRecord): { name: ComponentName; process: ComponentProcess }[] {
  return componentNames.flatMap((name) => {
    const process = record.processes[name];
    return process === undefined ? [] : [{ name, process }];
  });
}
