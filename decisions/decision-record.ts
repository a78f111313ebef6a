import type { AgentsBlueprint, Blueprint, Rollout } from "./blueprint.ts";

/** What was decided about one release, small enough for an output of Terraform. */
interface ReleaseRecord {
  readonly model: string;
  readonly version: string;
  readonly repository: string;
  /** Branch, tag or commit as asked for. */
  readonly revision: string;
  /** From the lock; null while unlocked. */
  readonly commit: string | null;
  readonly image: string;
  /** From the lock; null while unlocked. */
  readonly imageDigest: string | null;
  readonly accelerator: string;
  readonly gpusPerReplica: number;
  readonly replicas: number;
  readonly strategy: Rollout["strategy"];
}

interface DecisionRecord {
  readonly stack: string;
  readonly lockHash: string | null;
  /** By release name. */
  readonly releases: Readonly<Record<string, ReleaseRecord>>;
  readonly gateway?: {
    readonly image: string;
    readonly imageDigest: string | null;
    readonly replicas: number;
    /** Whether the replicas count a day's limits together. */
    readonly budgets: "shared" | "divided";
  };
}

/** What was decided about the agents, small enough for an output of Terraform. */
interface AgentsRecord {
  readonly stack: string;
  readonly lockHash: string | null;
  readonly image: string;
  /** From the lock; null while unlocked. */
  readonly imageDigest: string | null;
  readonly replicas: number;
  /** Graph and model of each assistant, by its name. */
  readonly assistants: Readonly<Record<string, string>>;
}

/** What runs and by which lock: the part of a Blueprint that an audit asks for. */
export function toDecisionRecord({ name, environment, lockHash, models, gateway }: Blueprint): DecisionRecord {
  const releases = Object.values(models).flatMap(({ versions }) => Object.values(versions));
  return {
    stack: `${name}/${environment}`,
    lockHash,
    releases: Object.fromEntries(
      releases.map((release): [string, ReleaseRecord] => [
        release.release,
        {
          model: release.model,
          version: release.version,
          repository: release.weights.repository,
          revision: release.weights.revision,
          commit: release.weights.commit,
          image: release.image.value.reference,
          imageDigest: release.image.value.digest,
          accelerator: release.accelerator,
          gpusPerReplica: release.gpusPerReplica.value,
          replicas: release.replicas.value,
          strategy: release.rollout.value.strategy,
        },
      ]),
    ),
    ...(gateway === null
      ? {}
      : {
          gateway: {
            image: gateway.image.value.reference,
            imageDigest: gateway.image.value.digest,
            replicas: gateway.replicas.value,
            budgets: gateway.budgets.value,
          },
        }),
  };
}

/** The same of the agents. */
export function toAgentsRecord(
  { name, environment, lockHash }: Pick<Blueprint, "name" | "environment" | "lockHash">,
  { image, replicas, settings }: AgentsBlueprint,
): AgentsRecord {
  return {
    stack: `${name}/${environment}`,
    lockHash,
    image: image.value.reference,
    imageDigest: image.value.digest,
    replicas: replicas.value,
    assistants: Object.fromEntries(
      Object.entries(settings.agents).map(([assistant, { graph, settings: own }]) => [
        assistant,
        `${graph} with ${own.model.model}`,
      ]),
    ),
  };
}
