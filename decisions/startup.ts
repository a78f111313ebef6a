import type { Decided, Liveness, Probe, Startup } from "./blueprint.ts";
import { durationText, gibText } from "./figures.ts";
import { because, decided, policy } from "./reason.ts";

const mib = 2 ** 20;
/** The slowest disk anybody published a start from: one VM with a default gp3 volume. */
const readMiBPerSecond = 125;
/** llm-d measured about 240 s from nothing to Ready for Qwen3-8B on one GPU, weights included. */
const engineStartSeconds = 240;
const safetyFactor = 2;
const floorSeconds = 600;
const periodSeconds = 10;
const stallSeconds = 120;
/** The vLLM image has several GB, and a node that joined just now has none of it. */
const imagePullSeconds = 600;
/** A node that has to be started, booted and fitted with drivers first. */
const nodeArrivalSeconds = 900;

/** How long a replica may take until it answers, before it counts as failed and starts over. */
export function decideStartup(weightBytes: Decided<number>, weightsPath: string): Decided<Startup> {
  const readSeconds = Math.ceil(weightBytes.value / (readMiBPerSecond * mib));
  const wantedSeconds = Math.max(floorSeconds, (readSeconds + engineStartSeconds) * safetyFactor);
  const failureThreshold = Math.ceil(wantedSeconds / periodSeconds);
  return decided(
    { path: "/v1/models", budgetSeconds: failureThreshold * periodSeconds, periodSeconds, failureThreshold },
    because(
      weightsPath,
      `${gibText(weightBytes.value)} of weights take ${readSeconds} s at ${readMiBPerSecond} MiB/s, the slowest storage a start was published from (KServe, default gp3 volume). An object store read straight into a GPU was published with 1.22 GiB/s, so yours is likely faster. Replicas that start at the same moment share the storage; the doubling below covers two.`,
    ),
    policy(
      `Starting the engine is counted with ${engineStartSeconds} s (llm-d: Qwen3-8B on one GPU to Ready). The sum is doubled and never below ${floorSeconds} s: a budget too long delays the notice of a bad start, one too short kills every start for ever.`,
    ),
    policy("The model list answers only once the model is loaded; llm-d reports that /health may answer before."),
  );
}

/** When a replica gets requests. */
export function decideReadiness(): Decided<Probe> {
  return decided(
    { path: "/health", periodSeconds: 5, failureThreshold: 3, timeoutSeconds: 5 },
    policy(
      "After the start-up probe has seen the model list, /health is the better sign of the two: it asks the engine and fails when the engine has died, which the model list does not notice. It is no sign of progress, so liveness does not use it.",
    ),
    policy(
      "Every 5 s, three failures in a row, as production-stack has it; the time-out is 5 s instead of Kubernetes' 1 s, because a busy front end that is taken out of service only makes the others busier.",
    ),
  );
}

/** When a replica is killed: it has work and its engine has stopped stepping. */
export function decideLiveness(): Decided<Liveness> {
  return decided(
    { periodSeconds: 15, timeoutSeconds: 10, failureThreshold: 2, stallSeconds },
    policy(
      `An engine that hangs keeps answering /health, but its step counter (vllm:iteration_tokens_total_count) and its cache stand still. Both frozen for ${stallSeconds} s while requests run or wait, the replica is restarted. The figure is the one proven in the field that was published (gonka, pull request 1421).`,
    ),
    policy(
      "Two failures 15 s apart, each with 10 s to answer: the probe is a script, and on a busy node a short time-out would count its own slowness as the engine's.",
    ),
  );
}

interface DeadlineInput {
  readonly startup: Startup;
  readonly graceSeconds: number;
  readonly replicas: number;
  /** True when replicas or their surge need nodes beyond the pool's smallest size. */
  readonly waitsForNodes: boolean;
  readonly replicasPath: string;
}

/** How long a Deployment may go without one more ready replica, and how long Helm waits for all of them. */
export function decideDeadlines({ startup, graceSeconds, replicas, waitsForNodes, replicasPath }: DeadlineInput): {
  progress: Decided<number>;
  release: Decided<number>;
} {
  const nodeSeconds = waitsForNodes ? nodeArrivalSeconds : 0;
  const progressSeconds = graceSeconds + nodeSeconds + imagePullSeconds + startup.budgetSeconds;
  // A node joins once: the replicas that follow take the room that the one before them has left.
  const replicaSeconds = progressSeconds - nodeSeconds;
  const releaseSeconds = nodeSeconds + replicas * replicaSeconds + 60;
  return {
    progress: decided(
      progressSeconds,
      policy(
        `One replica after the other: the old one stops (${graceSeconds} s), ${waitsForNodes ? `a node joins (${nodeSeconds} s, Freehold's own allowance), ` : ""}the image is pulled (${imagePullSeconds} s, Freehold's own allowance) and the engine starts (${startup.budgetSeconds} s).`,
      ),
    ),
    release: decided(
      releaseSeconds,
      because(
        replicasPath,
        `${replicas} × ${replicaSeconds} s, one replica at a time${waitsForNodes ? `, once ${nodeSeconds} s for a node` : ""}, and a minute more (${durationText(releaseSeconds)}), so that the Deployment says what is stuck before Helm gives up and rolls back. A usual roll-out takes a fraction of it.`,
      ),
      ...(replicas === 1
        ? []
        : [
            policy(
              `A first install starts all replicas at once and needs ${durationText(progressSeconds + 60)} at most, but Terraform has one time-out for both. Applied as manifests, either ends as soon as the Deployment gives up, after ${durationText(progressSeconds)} without progress.`,
            ),
          ]),
    ),
  };
}
