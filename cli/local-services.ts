import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { Failure } from "../config/diagnostics/failure.ts";
import { finding } from "../config/diagnostics/finding.ts";
import type { Blueprint, GatewayBlueprint } from "../decisions/blueprint.ts";
import { runProgram } from "../local-cluster/run-program.ts";
import {
  firstCaller,
  type LocalServices,
  type LocalServicesOptions,
  startLocalServices,
  stopLocalServices,
} from "../local-services/local-services.ts";
import { ServiceNotStarted } from "../local-services/service-process.ts";
import type { CommandContext } from "./command.ts";
import type { ProgressReport } from "./terminal/progress.ts";

/** Where the local services of a checkout keep their files. */
function servicesDirectory(root: string): string {
  return join(root, ".freehold", "local-services");
}

/** The gateway of a stack alone, in front of simulated models, beside whatever else runs on this machine. */
export async function bringUpGateway(
  { root, signal, now }: CommandContext,
  blueprint: Blueprint,
  gateway: GatewayBlueprint,
): Promise<LocalServices & { stop(): Promise<unknown>; readonly directory: string }> {
  const directory = join(root, ".freehold", "dev-gateway");
  await bundleServices(root, signal);
  const services = await startBundled({ directory, root, signal, now: now(), gatewayAlone: true }, blueprint, gateway);
  return { ...services, directory, stop: () => stopLocalServices(directory) };
}

/** Starts services from their bundles; what one of them said last is told where it does not start. */
async function startBundled(
  { root, ...options }: Omit<LocalServicesOptions, "bundle"> & { readonly root: string },
  blueprint: Blueprint,
  gateway: GatewayBlueprint,
): Promise<LocalServices> {
  try {
    return await startLocalServices(blueprint, gateway, {
      ...options,
      bundle: (service) => join(root, ".freehold", "services", `${service}.mjs`),
    });
  } catch (error) {
    if (!(error instanceof ServiceNotStarted)) throw error;
    const { service, lastWords } = error;
    throw new Failure(finding("RUN-212", { subject: "local services" }, { service, lastWords }));
  }
}

/** The services of a stack as processes of this machine; null where it has no gateway. */
export async function bringUpServices(
  context: CommandContext,
  blueprint: Blueprint,
  progress: ProgressReport,
): Promise<LocalServices | null> {
  const { gateway } = blueprint;
  const { root, signal } = context;
  if (gateway === null) {
    await stopLocalServices(servicesDirectory(root));
    return null;
  }
  return progress.during(
    "services",
    "Start gateway and engines",
    async () => {
      await bundleServices(root, signal);
      return startBundled({ directory: servicesDirectory(root), root, signal, now: context.now() }, blueprint, gateway);
    },
    ({ engines }) => `${engines} simulated engines`,
  );
}

/** Ends the local services of a checkout; says how many there were. */
export function endServices(root: string): Promise<number> {
  return stopLocalServices(servicesDirectory(root));
}

async function bundleServices(root: string, signal: AbortSignal): Promise<void> {
  const script = join(root, "services", "build.mjs");
  const { code, stderr } = await runProgram(process.execPath, [script], { signal, cwd: root, timeoutSeconds: 120 });
  if (code === 0 && existsSync(join(root, ".freehold", "services", "gateway.mjs"))) return;
  const lastWords = stderr.trim().split("\n").at(-1) ?? "";
  throw new Failure(finding("RUN-212", { subject: "local services" }, { service: "services/build.mjs", lastWords }));
}

/** What to type to be answered, one command a line. */
export function serviceLines(
  { gatewayUrl, agentsUrl, assistant, tokenFiles }: LocalServices,
  blueprint: Blueprint,
  workingDirectory: string,
): readonly string[] {
  const caller = blueprint.gateway === null ? null : firstCaller(blueprint, blueprint.gateway.settings);
  const tokenFile = caller === null ? undefined : tokenFiles[caller.tenant];
  if (caller === null || tokenFile === undefined) return [`The gateway answers at ${gatewayUrl}/v1.`];
  const { model } = caller;
  const body = { model, messages: [{ role: "user", content: "Hello" }], stream: true, max_tokens: 40 };
  return [
    `The gateway answers at ${gatewayUrl}/v1, in front of simulated engines on this machine:`,
    `  curl -N ${gatewayUrl}/v1/chat/completions -H "authorization: Bearer $(cat ${relative(workingDirectory, tokenFile)})" -H 'content-type: application/json' -d '${JSON.stringify(body)}'`,
    ...(assistant === null || agentsUrl === "" ? [] : agentLines(agentsUrl, assistant)),
  ];
}

function agentLines(agentsUrl: string, assistant: string): readonly string[] {
  const run = {
    assistant_id: assistant,
    input: { messages: [{ role: "human", content: "Hello" }] },
    stream_mode: "messages-tuple",
  };
  return [
    `An agent behind it, whose runs survive their process, answers at ${agentsUrl}:`,
    `  curl -N ${agentsUrl}/runs/stream -H 'content-type: application/json' -d '${JSON.stringify(run)}'`,
    `A chat UI for LangGraph servers connects with the deployment URL ${agentsUrl} and the assistant ${assistant}.`,
  ];
}
