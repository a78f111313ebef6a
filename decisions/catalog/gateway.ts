import type { Sourced } from "./sourced.ts";

/** What is known of the gateway in services/gateway. */
interface GatewayFacts extends Sourced {
  /** Port of the API. */
  readonly port: number;
  /** Port of health and metrics, which callers do not reach. */
  readonly adminPort: number;
  /** Short requests that one core passes on. Requests a second. */
  readonly requestsPerCoreSecond: number;
  /** CPU time that a streamed token takes. Microseconds. */
  readonly microsecondsPerToken: number;
}

export const gatewayFacts: GatewayFacts = {
  port: 8080,
  adminPort: 9090,
  requestsPerCoreSecond: 3000,
  microsecondsPerToken: 60,
  source: "bench:gateway of this checkout: 3,263 to 3,661 short requests a processor second; a token rounded up",
  asOf: "2026-11-25",
};
