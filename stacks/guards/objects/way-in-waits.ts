import type { ExposureBlueprint } from "../../../decisions/exposure/blueprint.ts";
import { fields, list } from "../guard.ts";
import { type ClusterObject, forObjects, type ObjectGuard } from "./object-guard.ts";
import { wayInOf } from "./way-in.ts";

/** GRD-243: what stands in front of a service waits for the longest answer, and passes it on part by part. */
export const wayInWaits: ObjectGuard = forObjects("GRD-243", ["HTTPRoute", "Ingress"], (object, { waysIn }) => {
  const exposure = wayInOf(object, waysIn);
  return exposure === undefined ? [] : waitProblems(object, exposure);
});

function waitProblems({ body }: ClusterObject, exposure: ExposureBlueprint): string[] {
  if (exposure.by === "http-route") {
    const needed = exposure.timeoutSeconds.value;
    return list(fields(body.spec).rules).flatMap((rule) => {
      const { request, backendRequest } = fields(fields(rule).timeouts);
      return [request, backendRequest].every((time) => secondsIn(time) >= needed)
        ? []
        : [`ends answers after ${request ?? "an unknown time"}, and they may take ${needed} s`];
    });
  }
  const annotations = fields(fields(body.metadata).annotations);
  return Object.entries(exposure.annotations.value)
    .filter(([key, value]) => annotations[key] !== value)
    .map(([key, value]) => `does not tell the controller ${key}: ${value}`);
}

/** Seconds in a time of the Gateway API that has one unit; 0 for none. */
function secondsIn(time: unknown): number {
  const [, amount, unit] = /^([0-9]{1,5})(h|m|s)$/.exec(String(time)) ?? [];
  return Number(amount ?? 0) * (unit === "h" ? 3600 : unit === "m" ? 60 : 1);
}
