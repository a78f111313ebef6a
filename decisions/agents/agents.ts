import type { Lock } from "../../config/lock/schema.ts";
import type { AgentsConfig, Config } from "../../config/schema/index.ts";
import { seconds } from "../../config/schema/primitives.ts";
import type { AgentsBlueprint, Decided, Drain, EnvironmentVariable } from "../blueprint.ts";
import { agentFacts } from "../catalog/agents.ts";
import { gatewayFacts } from "../catalog/gateway.ts";
import { telemetry } from "../catalog/telemetry.ts";
import { drainWithin, marginSeconds, preStopSeconds } from "../drain.ts";
import { certificateOf, decideExposure } from "../exposure/exposure.ts";
import { countText, sortedEntries } from "../figures.ts";
import { gatewayNamespace } from "../gateway/namespace.ts";
import { because, decided, policy } from "../reason.ts";
import { decideReleaseTimeout, decideServiceImage } from "../service-release.ts";
import { decideMigration } from "./migration.ts";
import { agentsNamespace } from "./namespace.ts";
import { agentsSecrets, certificatePurpose } from "./secrets.ts";
import { agentsSettings, modelSeconds } from "./settings.ts";

/** Image that stands for the orchestrator's on the local cluster, where no container runs. */
const localImage = "localhost/freehold/orchestrator:0.1.0";
const usualReplicas = 2;
/** Pulling an image of some 80 MB, starting, and waiting for tables that are only being changed. Seconds. */
const startSeconds = 180;
/** At rest and for each run under way, with room for long threads. Bytes. */
const baseBytes = 192 * 2 ** 20;
const runBytes = 32 * 2 ** 20;
const millicores = 500;

/** The image that a file asks for, as written; null where it has no agents. */
export function agentsImageOf({ agents }: Pick<Config, "agents">): string | null {
  return agents === undefined ? null : (agents.image ?? localImage);
}

/** The agents as they will be deployed; null where the file has none. */
export function decideAgents(config: Config, lock: Lock | null): AgentsBlueprint | null {
  const { agents } = config;
  if (agents === undefined) return null;
  const replicas = decideReplicas(agents);
  const drain = decideDrain(agents);
  const exposure = decideExposure(agents.exposure, {
    section: "agents",
    service: "orchestrator",
    namespace: agentsNamespace(config),
    ...agentFacts,
    securePort: null,
    paths: ["/"],
    pathMatch: "prefix",
    basePath: "",
    endsAfterSeconds: agentFacts.runSeconds,
    ending: "The orchestrator itself ends a run",
  });
  return {
    release: "orchestrator",
    namespace: agentsNamespace(config),
    service: "orchestrator",
    port: agentFacts.port,
    adminPort: agentFacts.adminPort,
    image: decideServiceImage("agents", agents.image, localImage, lock),
    replicas,
    cpu: decided(
      { requestMillicores: millicores },
      policy(
        `Half a core, and no limit: a run waits for models and tools most of its time, and half a core works on ${Math.floor((60_000 * millicores) / 1000 / agentFacts.millisecondsPerRun)} short runs a minute.`,
      ),
      because("catalog.agents", `Measured by \`npm run bench:orchestrator\`, as of ${agentFacts.asOf}.`),
    ),
    memoryBytes: decided(
      baseBytes + agents.runsAtOnce * runBytes,
      because(
        "agents.runsAtOnce",
        `${countText(agents.runsAtOnce, "run")} at once: 32 MiB for each, and 192 MiB for the process.`,
      ),
      policy(
        "Measured on PostgreSQL: 95 MB at rest, and 190 MB at most in 340 short runs, ten at once; the rest is for long threads.",
      ),
    ),
    connections: decided(
      (replicas.value + 1) * agents.database.connections,
      because(
        "agents.database.connections",
        `${agents.database.connections} for each of ${countText(replicas.value, "replica")}, and as many for the one that a roll-out adds; before it, the Job that changes the tables takes two.`,
      ),
    ),
    drain,
    releaseTimeoutSeconds: decideReleaseTimeout(replicas.value, {
      graceSeconds: drain.value.terminationGracePeriodSeconds,
      startSeconds,
    }),
    secrets: [
      ...agentsSecrets(agents),
      ...certificateOf(exposure).map((key) => ({
        purpose: certificatePurpose,
        ...key,
      })),
    ],
    exposure,
    migration: decideMigration(agents),
    environment: switches(),
    settings: agentsSettings({
      config,
      agents,
      ports: { listen: agentFacts.port, admin: agentFacts.adminPort },
      gatewayUrl: `http://gateway.${gatewayNamespace(config)}.svc:${gatewayFacts.port}/v1`,
      drainSeconds: drain.value.shutdownTimeoutSeconds,
    }),
  };
}

function decideReplicas({ replicas }: AgentsConfig): Decided<number> {
  return replicas === undefined
    ? decided(usualReplicas, policy("Two, so that one takes over the runs of the other."))
    : decided(replicas, because("agents.replicas", `The file asks for ${replicas}.`));
}

/** As long as the longest call of a tool: a call that is cut off stops a run for a person where it may not be repeated. */
function decideDrain({ toolServers = {} }: AgentsConfig): Decided<Drain> {
  const timeouts = sortedEntries(toolServers).map(([name, { timeout }]) => ({ name, longest: seconds(timeout) }));
  const slowest = timeouts.reduce<(typeof timeouts)[number] | null>(
    (most, each) => (each.longest > (most?.longest ?? modelSeconds) ? each : most),
    null,
  );
  const shutdownTimeoutSeconds = slowest?.longest ?? modelSeconds;
  return decided(
    drainWithin(shutdownTimeoutSeconds),
    slowest === null
      ? policy(`A call of a model may take ${modelSeconds} s, and no tool takes longer.`)
      : because(`agents.toolServers.${slowest.name}.timeout`, `Its tools may take ${slowest.longest} s.`),
    policy(
      `Runs are handed over when their superstep ends, within ${shutdownTimeoutSeconds} s; ${preStopSeconds} s before that for callers to learn that the replica goes, and ${marginSeconds} s after.`,
    ),
  );
}

function switches(): readonly EnvironmentVariable[] {
  return sortedEntries(telemetry.orchestrator?.variables ?? {}).map(([name, value]) => ({
    name,
    value,
    because: [because("catalog.telemetry.orchestrator", "It keeps the agents' library from reporting runs elsewhere.")],
  }));
}
