import type { Sourced } from "./sourced.ts";

/** What is known of the orchestrator in services/orchestrator. */
interface AgentFacts extends Sourced {
  /** Port of the API. */
  readonly port: number;
  /** Port of health and metrics, which callers do not reach. */
  readonly adminPort: number;
  /** Largest request that it takes. MiB. */
  readonly bodyMebibytes: number;
  /** After how long it ends a run that still works. Seconds. */
  readonly runSeconds: number;
  /** CPU time that a run of five short steps takes, its share of the API included. Milliseconds. */
  readonly millisecondsPerRun: number;
}

export const agentFacts: AgentFacts = {
  port: 2024,
  adminPort: 9090,
  bodyMebibytes: 10,
  runSeconds: 3600,
  millisecondsPerRun: 20,
  source: "bench:orchestrator of this checkout: 900 runs of a five-step graph took 17 ms of a core each; rounded up",
  asOf: "2026-11-26",
};
