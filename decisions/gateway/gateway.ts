import type { Lock } from "../../config/lock/schema.ts";
import type { Config, GatewayConfig } from "../../config/schema/index.ts";
import type { Decided, Drain, GatewayBlueprint, ModelBlueprint } from "../blueprint.ts";
import { demandOf } from "../capacity/demand.ts";
import { gatewayFacts } from "../catalog/gateway.ts";
import { drainWithin, marginSeconds, preStopSeconds } from "../drain.ts";
import { certificateOf, decideExposure } from "../exposure/exposure.ts";
import { countText, sortedEntries } from "../figures.ts";
import { because, decided, policy } from "../reason.ts";
import type { ResidencyBlueprint } from "../residency/facts.ts";
import { decideReleaseTimeout, decideServiceImage } from "../service-release.ts";
import { decideAnswerDeadline } from "./answer-deadline.ts";
import { gatewayNamespace } from "./namespace.ts";
import { gatewaySecrets } from "./secrets.ts";
import { gatewaySettings } from "./settings.ts";

/** Image that stands for the gateway's on the local cluster, where no container runs. */
const localImage = "localhost/freehold/gateway:0.1.0";
const usualReplicas = 2;
/** Pulling an image of some 80 MB, and starting. Freehold's own allowance. Seconds. */
const startSeconds = 120;
const memoryBytes = 512 * 2 ** 20;
/** A single thread answers, so that more than a core helps no replica. */
const mostMillicores = 1000;
const leastMillicores = 250;
const stepMillicores = 50;

/** The image that a file asks for, as written; null where it names no gateway. */
export function gatewayImageOf({ gateway }: Config): string | null {
  return gateway === undefined ? null : (gateway.image ?? localImage);
}

/** The gateway as it will be deployed; null where the file has none. */
export function decideGateway(
  config: Config,
  models: Readonly<Record<string, ModelBlueprint>>,
  inferenceNamespace: string,
  lock: Lock | null,
  residency: Pick<ResidencyBlueprint, "frontiers" | "egress">,
): GatewayBlueprint | null {
  const { gateway } = config;
  if (gateway === undefined) return null;
  const replicas: Decided<number> =
    gateway.replicas === undefined
      ? decided(usualReplicas, policy("Two, so that one answers while the other is replaced or has failed."))
      : decided(gateway.replicas, because("gateway.replicas", `The file asks for ${gateway.replicas}.`));
  const drain = decideDrain(models);
  const answerDeadline = decideAnswerDeadline(config, drain.value.shutdownTimeoutSeconds);
  const exposure = decideExposure(gateway.exposure, {
    section: "gateway",
    service: "gateway",
    namespace: gatewayNamespace(config),
    ...gatewayFacts,
    pathMatch: "exact",
    basePath: "/v1",
    endsAfterSeconds: answerDeadline.value,
    ending: "The gateway itself ends an answer",
  });
  return {
    release: "gateway",
    namespace: gatewayNamespace(config),
    service: "gateway",
    port: gatewayFacts.port,
    adminPort: gatewayFacts.adminPort,
    image: decideServiceImage("gateway", gateway.image, localImage, lock),
    replicas,
    cpu: decideCpu(config, replicas.value),
    memoryBytes: decided(
      memoryBytes,
      policy(
        "Measured below 250 MB under 400 open streams; answers that clients may read on take up to 64 MiB more, and the rest is room.",
      ),
    ),
    drain,
    releaseTimeoutSeconds: decideReleaseTimeout(replicas.value, {
      graceSeconds: drain.value.terminationGracePeriodSeconds,
      startSeconds,
    }),
    secrets: [
      ...gatewaySecrets(config, gateway, residency.frontiers),
      ...certificateOf(exposure).map(({ secret, key }) => ({ purpose: "certificate" as const, secret, key })),
    ],
    answerDeadline,
    exposure,
    budgets: decideBudgets(gateway, replicas.value),
    settings: gatewaySettings({
      config,
      gateway,
      residency,
      models,
      ports: {
        listen: gatewayFacts.port,
        admin: gatewayFacts.adminPort,
        secure: exposure?.by === "load-balancer" ? exposure.port : null,
      },
      replicas: replicas.value,
      inferenceNamespace,
      drainSeconds: drain.value.shutdownTimeoutSeconds,
      answerSeconds: answerDeadline.value,
    }),
  };
}

/** Whether the replicas count the tokens and the money of a day together. */
function decideBudgets({ budgets, tenants }: GatewayConfig, replicas: number): Decided<"shared" | "divided"> {
  if (budgets !== undefined) {
    const percent = Number((budgets.blockShare * 100).toFixed(2));
    return decided(
      "shared",
      because(
        "gateway.budgets",
        `All replicas take parts of a day's limits from one database, ${percent} % of it in advance.`,
      ),
    );
  }
  const limited = Object.values(tenants).filter(
    ({ limits }) => limits?.tokensPerDay !== undefined || limits?.usdPerDay !== undefined,
  ).length;
  return decided(
    "divided",
    policy(
      `The file names no database, so each of ${countText(replicas, "replica")} has its share of a day's limits, of which ${countText(limited, "tenant")} ${limited === 1 ? "has" : "have"} any: a tenant whose requests all reach one replica is refused early, and a replica that starts anew forgets what was spent.`,
    ),
  );
}

/** As long as the slowest engine drains: an answer that an engine would still finish is not cut off at the door. */
function decideDrain(models: Readonly<Record<string, ModelBlueprint>>): Decided<Drain> {
  const drains = Object.values(models).flatMap(({ versions }) =>
    Object.values(versions).map(({ drain }) => drain.value.shutdownTimeoutSeconds),
  );
  const shutdownTimeoutSeconds = Math.max(0, ...drains);
  return decided(
    drainWithin(shutdownTimeoutSeconds),
    policy(
      `Answers may run on for ${shutdownTimeoutSeconds} s, as long as the slowest engine would finish them; ${preStopSeconds} s before that for callers to learn that it goes, and ${marginSeconds} s after.`,
    ),
  );
}

/** CPU for the busiest hour, shared by the replicas that are left when one fails. */
function decideCpu({ workloads = {} }: Config, replicas: number): Decided<{ readonly requestMillicores: number }> {
  const demands = sortedEntries(workloads).map(([name, workload]) => demandOf(name, workload));
  const requests = demands.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);
  const tokens = demands.reduce(
    (sum, { requestsPerSecond, outputTokens }) => sum + requestsPerSecond * outputTokens,
    0,
  );
  const { requestsPerCoreSecond, microsecondsPerToken } = gatewayFacts;
  const needed = 1000 * (requests / requestsPerCoreSecond + (tokens * microsecondsPerToken) / 1e6);
  const each = Math.ceil(needed / Math.max(1, replicas - 1) / stepMillicores) * stepMillicores;
  const requestMillicores = Math.min(mostMillicores, Math.max(leastMillicores, each));
  return decided(
    { requestMillicores },
    policy(
      `In the busiest hour ${requests.toFixed(1)} requests and ${tokens.toFixed(0)} tokens a second pass; at ${requestsPerCoreSecond} requests and ${microsecondsPerToken} µs a token they take ${needed.toFixed(0)} m of a core, which the replicas left after a failure share. At least ${leastMillicores} m, and at most a core, because one thread answers.`,
    ),
    because("catalog.gateway", `Measured by \`npm run bench:gateway\`, as of ${gatewayFacts.asOf}.`),
  );
}
