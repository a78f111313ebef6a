import { fields, list } from "../guard.ts";
import { forContainers, type ObjectGuard } from "./object-guard.ts";

/** The only pods that write weights. */
const writer = "fetch-weights";

/** GRD-211: what serves reads its claims and cannot change them. */
export const weightsReadOnly: ObjectGuard = forContainers("GRD-211", ({ body }, { spec, component }) => {
  if (component === writer) return [];
  const claims = new Map(
    list(spec.volumes)
      .map(fields)
      .flatMap(({ name, persistentVolumeClaim }) => {
        const { claimName, readOnly } = fields(persistentVolumeClaim);
        return claimName === undefined || readOnly === true ? [] : [[String(name), String(claimName)] as const];
      }),
  );
  return list(body.volumeMounts)
    .map(fields)
    .filter(({ name, readOnly }) => claims.has(String(name)) && readOnly !== true)
    .map(({ name }) => `mounts the claim ${claims.get(String(name))} writable`);
});
