import type { Sourced } from "./sourced.ts";

/** Kubernetes versions that Freehold deploys to. */
export interface KubernetesFacts extends Sourced {
  /** Inclusive, as `major.minor`. */
  readonly min: string;
  readonly max: string;
  /** Seconds without a heartbeat until a node counts as lost: node-monitor-grace-period. */
  readonly nodeMonitorGraceSeconds: number;
}

/**
 * The release that the cluster tests run against (1.35) and one minor on each side of it, which is as far as
 * Kubernetes' own clients are supported against a server of another version.
 */
export const kubernetes: KubernetesFacts = {
  min: "1.34",
  max: "1.36",
  nodeMonitorGraceSeconds: 50,
  source:
    "https://kubernetes.io/releases/version-skew-policy/ (kubectl); https://kubernetes.io/releases/1.35/; github.com/kubernetes/kubernetes issue 127352 (node-monitor-grace-period 50 s)",
  asOf: "2026-09-15",
};
