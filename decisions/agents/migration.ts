import type { AgentsConfig } from "../../config/schema/index.ts";
import type { MigrationBlueprint } from "../blueprint.ts";
import { mountedAt } from "../mounted-secret.ts";
import { because, decided, policy } from "../reason.ts";
import { migrationRole } from "./namespace.ts";
import { type AgentsSecret, databaseSecret } from "./secrets.ts";

const attempts = 4;
/** Pulling an image of some 80 MB. Seconds. */
const pullSeconds = 60;
/** Starting, connecting and waiting for a table that somebody holds, which the process gives up after 15 s. Seconds. */
const failedAttemptSeconds = 30;
/** Indexes of tables with some ten million rows. Seconds. */
const workSeconds = 900;

/** What changes the tables before replicas of a new release start. Its settings name the database alone, so that no other change runs it. */
export function decideMigration({ database }: AgentsConfig): MigrationBlueprint {
  const { url, owner } = database;
  // Kubernetes waits 10 s before the second attempt, and twice as long before each one after it.
  const pauseSeconds = 10 * (2 ** (attempts - 1) - 1);
  const failedSeconds = (attempts - 1) * failedAttemptSeconds;
  return {
    role: migrationRole,
    attempts,
    deadlineSeconds: decided(
      pullSeconds + failedSeconds + pauseSeconds + workSeconds,
      policy(
        `${pullSeconds} s until it starts, ${attempts - 1} attempts of ${failedAttemptSeconds} s that find the database away or a table held, the pauses after them (${pauseSeconds} s), and ${workSeconds} s for one that makes indexes of some ten million rows.`,
      ),
      owner === undefined
        ? because("agents.database.url", "It connects as the replicas do, and their user owns the tables.")
        : because("agents.database.owner", "It alone connects as the owner; the replicas' user may change no table."),
    ),
    secrets: [databaseSecret(url), ...(owner === undefined ? [] : [ownerSecret(owner)])],
    settings: {
      storage: {
        kind: "postgres",
        urlFile: mountedAt("database", url.key),
        ...(owner === undefined ? {} : { ownerUrlFile: mountedAt("database-owner", owner.key) }),
        connections: 2,
      },
      agents: {},
    },
  };
}

function ownerSecret(owner: NonNullable<AgentsConfig["database"]["owner"]>): AgentsSecret {
  return { purpose: "database-owner", holds: "the URL with which the database's owner changes tables", ...owner };
}
