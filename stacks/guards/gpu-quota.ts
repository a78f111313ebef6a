import { at, finding } from "../../config/diagnostics/finding.ts";
import { fields, type Guard } from "./guard.ts";

/** GRD-107: what the releases may hold at once, surges included, fits into their namespace's quota. */
export const gpuQuota: Guard = ({ resources, releases }) =>
  resources
    .filter(({ type }) => type === "kubernetes_resource_quota_v1")
    .flatMap(({ namespace, body }) => {
      const quota = Number(fields(fields(body.spec).hard)["requests.nvidia.com/gpu"]);
      const requested = releases
        .filter((release) => release.namespace === namespace)
        .reduce((sum, { values }) => {
          const replicas = (values.replicas ?? 0) + (values.rollout?.maxSurge ?? 0);
          return sum + replicas * (values.resources?.gpus ?? 0);
        }, 0);
      return requested <= quota
        ? []
        : [finding("GRD-107", at(["models"], "key"), { namespace: String(namespace), requested, quota })];
    });
