import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { lastLines, type ProcessResult, runProcess } from "../process.ts";

/** How programs reach one cluster: the binaries, and the environment that names kubeconfig and context to all of them. */
export interface ClusterAccess {
  /** Context that is used, for messages. */
  readonly context: string;
  readonly kubeconfigPath: string | null;
  readonly kubectlPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const requestTimeoutSeconds = 20;

/** Result of one kubectl call against the cluster. */
export function kubectl(access: ClusterAccess, args: readonly string[], input?: string): Promise<ProcessResult> {
  return runProcess(
    access.kubectlPath,
    [
      ...(access.kubeconfigPath === null ? [] : ["--kubeconfig", access.kubeconfigPath]),
      "--context",
      access.context,
      `--request-timeout=${requestTimeoutSeconds}s`,
      ...args,
    ],
    {
      environment: access.environment,
      signal: access.signal,
      timeoutSeconds: 120,
      ...(input === undefined ? {} : { input }),
    },
  );
}

/** What kubectl prints as JSON; a `Failure` when the cluster does not answer or refuses. */
export async function kubectlJson<T>(access: ClusterAccess, args: readonly string[]): Promise<T> {
  const result = await kubectl(access, [...args, "--output", "json"]);
  if (result.status !== 0) throw unreachable(access, result);
  return JSON.parse(result.stdout) as T;
}

/** The failure that a kubectl call against a silent or refusing cluster means. */
export function unreachable(access: ClusterAccess, result: ProcessResult): Failure {
  return new Failure(
    finding("RUN-131", { subject: access.context }, { context: access.context, detail: lastLines(result, 2) }),
  );
}
