import { fields, list } from "../guard.ts";
import { forPods, type ObjectGuard } from "./object-guard.ts";

/** GRD-207: no pod gets a token, and each runs as an account of its own. */
export const serviceAccountToken: ObjectGuard = forPods("GRD-207", ({ spec }) => {
  const account = spec.serviceAccountName;
  const projected = list(spec.volumes).flatMap((volume) => list(fields(fields(volume).projected).sources).map(fields));
  return [
    ...(spec.automountServiceAccountToken === false ? [] : ["mounts the token of its service account"]),
    ...(projected.some(({ serviceAccountToken: token }) => token !== undefined)
      ? ["projects a token into a volume"]
      : []),
    ...(account === undefined || account === "default" ? ["runs as the service account that everything else has"] : []),
  ];
});
