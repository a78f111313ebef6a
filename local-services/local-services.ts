import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { Blueprint, GatewayBlueprint, ReleaseBlueprint } from "../decisions/blueprint.ts";
import { endProcesses } from "../local-cluster/component-process.ts";
import { isPortFree } from "../local-cluster/ports.ts";
import { makePrivateFolder, readIfThere, writePrivateFile } from "../local-cluster/private-files.ts";
import { isAlive } from "../local-cluster/process-identity.ts";
import { type LocalAgents, localAgents } from "./local-agents.ts";
import { type EngineUrls, localGatewaySettings } from "./local-settings.ts";
import { keySetOf, localToken, newLocalKey } from "./local-token.ts";
import { type RunningService, startService } from "./service-process.ts";

/** Services of a stack that run as processes of this machine, because the local cluster's containers do not. */
export interface LocalServices {
  readonly gatewayUrl: string;
  /** File with a token, by tenant. */
  readonly tokenFiles: Readonly<Record<string, string>>;
  readonly engines: number;
  /** Of the orchestrator. */
  readonly agentsUrl: string;
  /** The assistant that a first question goes to; null where there is none. */
  readonly assistant: string | null;
}

export interface LocalServicesOptions {
  /** Everything of them is kept here. */
  readonly directory: string;
  /** Left out: the orchestrator runs as well. */
  readonly gatewayAlone?: boolean;
  /** File of a service's bundle, by the service's name. */
  readonly bundle: (service: string) => string;
  readonly now: Date;
  readonly signal: AbortSignal;
}

interface ServicesRecord {
  readonly formatVersion: 1;
  /** Changes with everything that they were started with. */
  readonly fingerprint: string;
  readonly services: readonly RunningService[];
}

/** Enough to see one take over from the other. */
const mostEnginesOfARelease = 2;
const preferredPorts = { gateway: 8080, orchestrator: 2024 } as const;

/**
 * Runs the gateway, simulated engines behind it and the orchestrator, as the Blueprint says. What runs as it is meant to is
 * left alone; anything else is ended and started anew.
 */
export async function startLocalServices(
  blueprint: Blueprint,
  gateway: GatewayBlueprint,
  options: LocalServicesOptions,
): Promise<LocalServices> {
  const { directory } = options;
  makePrivateFolder(directory);
  const file = (name: string) => path.join(directory, name);
  const privateKey = readIfThere(file("token-key.pem")) ?? newLocalKey();
  writePrivateFile(file("token-key.pem"), privateKey);
  writePrivateFile(file("key-set.json"), keySetOf(privateKey));
  const tokenFiles = Object.fromEntries(
    Object.keys(gateway.settings.tenants).map((tenant) => {
      writePrivateFile(file(`token-${tenant}`), localToken(privateKey, { tenant }, options.now));
      return [tenant, file(`token-${tenant}`)];
    }),
  );
  const fingerprint = fingerprintOf(blueprint, gateway, options);
  const known = readRecord(directory);
  const isAsMeant = known !== null && known.fingerprint === fingerprint && known.services.every(isAlive);
  if (known !== null && !isAsMeant) await stopLocalServices(directory);
  const services = known !== null && isAsMeant ? known.services : await startAll(blueprint, gateway, options);
  writeRecord(directory, { formatVersion: 1, fingerprint, services });
  const urlOf = (name: string) => services.find((service) => service.name === name)?.url ?? "";
  return {
    gatewayUrl: urlOf("gateway"),
    agentsUrl: urlOf("orchestrator"),
    assistant: agentsOf(blueprint, gateway.settings, urlOf("gateway"), directory)?.first ?? null,
    tokenFiles,
    engines: services.filter(({ name }) => name.startsWith("engine-")).length,
  };
}

/** Ends every local service; says how many there were. */
export async function stopLocalServices(directory: string): Promise<number> {
  const known = readRecord(directory);
  if (known === null) return 0;
  const alive = known.services.filter(isAlive);
  await endProcesses(alive, { politely: true });
  rmSync(recordFile(directory), { force: true });
  return alive.length;
}

async function startAll(
  blueprint: Blueprint,
  gateway: GatewayBlueprint,
  { directory, bundle, signal, gatewayAlone = false }: LocalServicesOptions,
): Promise<readonly RunningService[]> {
  const file = (name: string) => path.join(directory, name);
  const started: RunningService[] = [];
  const start = async (name: string, words: readonly string[]) => {
    const service = await startService(name, words, { logFile: file(`${name.replaceAll("/", "-")}.log`), signal });
    started.push(service);
    return service;
  };
  try {
    const engines: Record<string, readonly string[]> = {};
    for (const release of releasesOf(blueprint)) {
      const count = Math.min(mostEnginesOfARelease, release.replicas.value);
      const names = Array.from({ length: count }, (_, index) => `engine-${release.release}-${index + 1}`);
      const running = await Promise.all(
        names.map((name) => start(name, [bundle("engine-simulator"), ...engineWords(release, gateway)])),
      );
      engines[release.release] = running.map(({ url }) => url);
    }
    // Models outside are simulated too: on this machine nothing leaves.
    for (const [name, { location, model }] of Object.entries(gateway.settings.backends)) {
      if (location !== "outside") continue;
      const words = [bundle("engine-simulator"), "--model", model, "--weights", name];
      engines[name] = [(await start(`engine-${name}-1`, words)).url];
    }
    const { url } = await atPortNear(preferredPorts.gateway, (port) => {
      const keySetFile = file("key-set.json");
      const settings = localGatewaySettings(gateway.settings, engines as EngineUrls, { port, keySetFile });
      writePrivateFile(file("gateway.json"), `${JSON.stringify(settings, null, 2)}\n`);
      return start("gateway", [bundle("gateway"), "--settings", file("gateway.json")]);
    });
    const agents = gatewayAlone ? null : agentsOf(blueprint, gateway.settings, url, directory);
    if (agents !== null) {
      for (const tenant of Object.keys(gateway.settings.tenants)) {
        const token = readIfThere(file(`token-${tenant}`)) ?? "";
        writePrivateFile(file(`model-keys-${tenant}.json`), `${JSON.stringify({ "*": token })}\n`);
      }
      await atPortNear(preferredPorts.orchestrator, (port) => {
        const settings = orchestratorSettings(agents, port, file);
        writePrivateFile(file("orchestrator.json"), `${JSON.stringify(settings, null, 2)}\n`);
        return start("orchestrator", [bundle("orchestrator"), file("orchestrator.json")]);
      });
    }
    return started;
  } catch (error) {
    await endProcesses(started.filter(isAlive), { politely: false });
    throw error;
  }
}

/** Which assistants this machine has; their tenants' tokens stand in one file each. */
function agentsOf(
  { agents, models }: Pick<Blueprint, "agents" | "models">,
  { tenants }: GatewayBlueprint["settings"],
  gatewayUrl: string,
  directory: string,
): LocalAgents | null {
  return localAgents(agents, tenants, firstCaller({ models }, { tenants }), {
    url: `${gatewayUrl}/v1`,
    keysFileOf: (tenant) => path.join(directory, `model-keys-${tenant}.json`),
  });
}

function orchestratorSettings({ assistants }: LocalAgents, port: number, file: (name: string) => string): object {
  return {
    listen: { host: "127.0.0.1", port },
    storage: { kind: "embedded", folder: file("orchestrator-data") },
    agents: assistants,
  };
}

/** The first model that generates text, and the first tenant that may call it; null where there is none. */
export function firstCaller(
  blueprint: Pick<Blueprint, "models">,
  { tenants }: Pick<GatewayBlueprint["settings"], "tenants">,
): { readonly model: string; readonly tenant: string } | null {
  const model = answeringModel(blueprint);
  if (model === null) return null;
  const tenant = Object.keys(tenants).find((name) => tenants[name]?.models.includes(model) === true);
  return tenant === undefined ? null : { model, tenant };
}

/** The first model that generates text, by name. */
function answeringModel({ models }: Pick<Blueprint, "models">): string | null {
  const found = Object.entries(models).find(([, { versions }]) =>
    Object.values(versions).some(({ task }) => task === "generate"),
  );
  return found?.[0] ?? null;
}

function engineWords(release: ReleaseBlueprint, { settings }: GatewayBlueprint): string[] {
  const length = settings.models[release.model]?.maxModelLen ?? 0;
  const digest = settings.backends[release.release]?.digest ?? release.release;
  return ["--model", release.model, "--weights", digest, "--max-model-len", String(length)];
}

function releasesOf({ models }: Blueprint): ReleaseBlueprint[] {
  return Object.values(models).flatMap(({ versions }) => Object.values(versions));
}

/**
 * Starts a service at the port that people know it by. Where another program has that one, or takes it while the service starts,
 * the system gives it any other.
 */
async function atPortNear(
  preferred: number,
  begin: (port: number) => Promise<RunningService>,
): Promise<RunningService> {
  if (!(await isPortFree(preferred))) return begin(0);
  try {
    return await begin(preferred);
  } catch (error) {
    if (await isPortFree(preferred)) throw error;
    return begin(0);
  }
}

function fingerprintOf(
  { agents }: Pick<Blueprint, "agents">,
  { settings }: GatewayBlueprint,
  { bundle }: LocalServicesOptions,
): string {
  const hash = createHash("sha256").update(JSON.stringify([settings, agents?.settings ?? null]));
  for (const name of ["engine-simulator", "gateway", "orchestrator"]) hash.update(readFileSync(bundle(name)));
  return hash.digest("hex");
}

const recordFile = (directory: string) => path.join(directory, "services.json");

function readRecord(directory: string): ServicesRecord | null {
  try {
    const record = JSON.parse(readIfThere(recordFile(directory)) ?? "null") as ServicesRecord | null;
    return record !== null && record.formatVersion === 1 && Array.isArray(record.services) ? record : null;
  } catch {
    return null;
  }
}

function writeRecord(directory: string, record: ServicesRecord): void {
  writePrivateFile(recordFile(directory), `${JSON.stringify(record, null, 2)}\n`);
}
