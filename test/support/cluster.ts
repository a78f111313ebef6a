import { homedir } from "node:os";
import path from "node:path";
import { type LocalCluster, type SimulatedNode, type UpOutcome, up } from "../../local-cluster/local-cluster.ts";
import type { Progress } from "../../local-cluster/progress.ts";
import { type ProgramResult, runProgram } from "../../local-cluster/run-program.ts";
import { ensureTools, neededToolNames, type ToolName } from "../../local-cluster/tools.ts";

const commandTimeoutSeconds = 120;

/** A progress that says on stderr what begins: compiling takes minutes, and a silent test run looks stuck. */
export const testProgress: Progress = {
  begin: ({ id, label }) => {
    if (id.startsWith("compile-")) process.stderr.write(`${label}\n`);
  },
  advance: () => undefined,
  end: () => undefined,
};

export const noSignal = new AbortController().signal;

type NeededTool = Exclude<ToolName, "cyclonus">;

let tools: Promise<Readonly<Record<NeededTool, string>>> | undefined;

/** The programs of the local cluster, compiled into the user's cache where it lacks them. */
export function testTools(): Promise<Readonly<Record<NeededTool, string>>> {
  const cacheDirectory = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"), "freehold");
  tools ??= ensureTools(neededToolNames, { cacheDirectory, progress: testProgress, signal: noSignal });
  return tools;
}

export interface TestCluster extends LocalCluster {
  readonly directory: string;
  readonly outcome: UpOutcome;
  /** What kubectl prints; rejects when it fails. `input` goes to `--filename -`. */
  kubectl(programArguments: readonly string[], input?: string | object): Promise<string>;
  /** How kubectl ended, for commands that are meant to fail. */
  tryKubectl(programArguments: readonly string[], input?: string | object): Promise<ProgramResult>;
}

/** A cluster of one's own, in this folder. Whoever starts it ends it. */
export async function startClusterIn(
  directory: string,
  options: { readonly nodes: readonly SimulatedNode[]; readonly nodeMonitorGracePeriodSeconds?: number },
): Promise<TestCluster> {
  const programs = await testTools();
  const { cluster, outcome } = await up({
    ...options,
    directory,
    tools: programs,
    progress: testProgress,
    signal: noSignal,
  });
  const tryKubectl: TestCluster["tryKubectl"] = (programArguments, input) =>
    runProgram(programs.kubectl, ["--kubeconfig", cluster.kubeconfigPath, ...programArguments], {
      signal: noSignal,
      timeoutSeconds: commandTimeoutSeconds,
      ...(input === undefined ? {} : { input: typeof input === "string" ? input : JSON.stringify(input) }),
    });
  return {
    ...cluster,
    directory,
    outcome,
    tryKubectl,
    kubectl: async (programArguments, input) => {
      const result = await tryKubectl(programArguments, input);
      if (result.code !== 0) throw new Error(`kubectl ${programArguments.join(" ")}: ${result.stderr}`);
      return result.stdout;
    },
  };
}

/** A node with everything defaulted, so that a test states only what matters. */
export function simulatedNode(overrides: Partial<SimulatedNode> = {}): SimulatedNode {
  return {
    name: "node-1",
    labels: {},
    taints: [],
    gpus: 0,
    cpuMillicores: 32_000,
    memoryBytes: 128 * 2 ** 30,
    ...overrides,
  };
}

/** A node with eight GPUs and the taint that keeps other pods off it. */
export function gpuNode(overrides: Partial<SimulatedNode> = {}): SimulatedNode {
  return simulatedNode({
    name: "gpu-1",
    gpus: 8,
    cpuMillicores: 192_000,
    memoryBytes: 2 * 2 ** 40,
    taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }],
    ...overrides,
  });
}
