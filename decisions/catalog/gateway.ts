import type { Sourced } from "./sourced.ts";

/** What is known of the gateway in services/gateway. */
interface GatewayFacts extends Sourced {
  /** Port of the API. */
  readonly port: number;
  /** Port of the API over TLS, where a load balancer stands in front. */
  readonly securePort: number;
  /** Port of health and metrics, which callers do not reach. */
  readonly adminPort: number;
  /** Paths that it answers; it refuses every other. */
  readonly paths: readonly string[];
  /** Largest request that it takes. MiB. */
  readonly bodyMebibytes: number;
  /** How long it waits for the first token of a prompt of no length. Milliseconds. */
  readonly firstTokenMilliseconds: number;
  /** What a thousand tokens of the prompt add to that. Milliseconds. */
  readonly firstTokenMillisecondsPerThousandTokens: number;
  /** Least gap between two tokens that it takes for a fault. Milliseconds. */
  readonly interTokenMilliseconds: number;
  /** Short requests that one core passes on. Requests a second. */
  readonly requestsPerCoreSecond: number;
  /** CPU time that a streamed token takes. Microseconds. */
  readonly microsecondsPerToken: number;
}

export const gatewayFacts: GatewayFacts = {
  port: 8080,
  securePort: 8443,
  adminPort: 9090,
  paths: ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/models"],
  bodyMebibytes: 8,
  firstTokenMilliseconds: 10_000,
  firstTokenMillisecondsPerThousandTokens: 1000,
  interTokenMilliseconds: 2000,
  requestsPerCoreSecond: 3000,
  microsecondsPerToken: 60,
  source: "bench:gateway of this checkout: 3,263 to 3,661 short requests a processor second; a token rounded up",
  asOf: "2026-11-25",
};
