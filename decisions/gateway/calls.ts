import { portOf } from "../../config/inside-place.ts";
import type { GatewayConfig } from "../../config/schema/index.ts";
import type { Reason } from "../blueprint.ts";
import { because } from "../reason.ts";
import type { Edge, Party } from "../residency/facts.ts";

/** Connections that the gateway opens to others than engines and hosts outside. */
export function gatewayCalls({ telemetry, budgets }: GatewayConfig, door: Party): Edge[] {
  return [
    ...(budgets === undefined
      ? []
      : [
          call(door, "budgets of the gateway", budgets, budgets.port, [
            because("gateway.budgets", "All replicas count a day's tokens and money there."),
          ]),
        ]),
    ...(telemetry === undefined
      ? []
      : [
          call(door, "collector", telemetry, portOf(telemetry.endpoint), [
            because("gateway.telemetry", "Spans and metrics go there, without what was asked or answered."),
          ]),
        ]),
  ];
}

type Place = Pick<NonNullable<GatewayConfig["budgets"]>, "pods" | "networks">;

/** One connection to a place inside. */
export function call(
  from: Party,
  name: string,
  { pods, networks = [] }: Place,
  port: number,
  reasons: readonly Reason[],
): Edge {
  const to: Party =
    pods === undefined
      ? { kind: "networks", name, networks: networks.map((cidr) => ({ cidr, except: [] })) }
      : { kind: "pods", name, ...pods };
  return { from, to, ports: [{ protocol: "TCP", port }], because: reasons };
}
