import type { Dialler } from "./dialler.ts";
import type { FirstTokenWatch } from "./escalation/first-token-watch.ts";
import type { Metrics } from "./metrics.ts";
import type { PoisonWatch } from "./poison.ts";
import type { Redactor } from "./redaction/redactor.ts";
import type { ReplicaDirectory } from "./replica-directory.ts";
import type { ReplicaPool } from "./replica-pool.ts";
import type { RetryBudget } from "./retry-budget.ts";
import type { Settings } from "./settings.ts";

/** What all requests share. */
export interface Surroundings {
  readonly settings: Settings;
  readonly dialler: Dialler;
  readonly directory: ReplicaDirectory;
  readonly redactor: Redactor | null;
  readonly replicas: ReplicaPool;
  readonly retryBudget: RetryBudget;
  readonly poison: PoisonWatch;
  readonly firstTokens: FirstTokenWatch;
  readonly metrics: Metrics;
}
