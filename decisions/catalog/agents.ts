import type { Sourced } from "./sourced.ts";

/** What is known of the orchestrator in services/orchestrator. */
interface AgentFacts extends Sourced {
  /** Port of the API. */
  readonly port: number;
  /** Port of health and metrics, which callers do not reach. */
  readonly adminPort: number;
  /** Runs of five short steps that one replica of a core works on while none waits long for a worker. Runs a minute. */
  readonly runsPerCoreMinute: number;
}

export const agentFacts: AgentFacts = {
  port: 2024,
  adminPort: 9090,
  runsPerCoreMinute: 900,
  source: "bench:orchestrator of this checkout: 900 runs a minute of a five-step graph on one core",
  asOf: "2026-11-25",
};
