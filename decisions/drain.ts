import { at, type Finding, finding } from "../config/diagnostics/finding.ts";
import { seconds } from "../config/schema/primitives.ts";
import type { Decided, Drain } from "./blueprint.ts";
import { because, decided, policy } from "./reason.ts";
import type { ReleaseContext } from "./release-context.ts";

/** Until every proxy and client has seen that the pod takes no more requests. */
export const preStopSeconds = 15;
const defaultDrainSeconds = 90;
/** Between the end of a drain and the pod's being killed. */
export const marginSeconds = 15;
/** Managed clusters wait an hour for a pod; hook and margin come off it. */
const longestDrainSeconds = 3600 - preStopSeconds - marginSeconds - 30;

/** The times of a stop in which what runs may finish for `shutdownTimeoutSeconds`. */
export function drainWithin(shutdownTimeoutSeconds: number): Drain {
  return {
    preStopSeconds,
    shutdownTimeoutSeconds,
    terminationGracePeriodSeconds: preStopSeconds + shutdownTimeoutSeconds + marginSeconds,
  };
}

/** How a replica stops: new requests end first, then what runs may finish, then the process goes. */
export function decideDrain({ model, modelPath }: ReleaseContext): Decided<Drain> {
  const asked = model.drainTimeout;
  const shutdownTimeoutSeconds = asked === undefined ? defaultDrainSeconds : seconds(asked);
  const drain = drainWithin(shutdownTimeoutSeconds);
  return decided(
    drain,
    asked === undefined
      ? policy(
          `What has begun may finish for ${defaultDrainSeconds} s, which is llm-d's documented example (15/90/120 s). Without --shutdown-timeout vLLM aborts every running request on SIGTERM.`,
        )
      : because(`${modelPath}.drainTimeout`, `The file lets what has begun finish for ${asked}.`),
    policy(
      `Before that, ${preStopSeconds} s pass so that callers learn the replica is leaving; llm-d and KServe wait as long. The pod is killed ${marginSeconds} s after the drain ends: ${preStopSeconds} + ${shutdownTimeoutSeconds} + ${marginSeconds} = ${drain.terminationGracePeriodSeconds} s.`,
    ),
  );
}

/** A drain that no node drain would wait for. */
export function checkDrain({ model, modelName }: Pick<ReleaseContext, "model" | "modelName">): Finding[] {
  if (model.drainTimeout === undefined || seconds(model.drainTimeout) <= longestDrainSeconds) return [];
  const parameters = { model: modelName, seconds: seconds(model.drainTimeout), limitSeconds: longestDrainSeconds };
  return [finding("CAP-108", at(["models", modelName, "drainTimeout"]), parameters)];
}
