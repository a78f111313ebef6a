import { at, finding } from "../../config/diagnostics/finding.ts";
import type { Guard } from "./guard.ts";

/** GRD-109: Helm waits at least as long as one engine may take to start. */
export const releaseTimeout: Guard = ({ releases }) =>
  releases.flatMap(({ name, configPath, body, values }) => {
    const timeoutSeconds = Number(body.timeout);
    const startup = values.probes?.startup;
    const startupSeconds = (startup?.periodSeconds ?? 0) * (startup?.failureThreshold ?? 0);
    return timeoutSeconds > startupSeconds
      ? []
      : [finding("GRD-109", at(configPath), { release: name, timeoutSeconds, startupSeconds })];
  });
