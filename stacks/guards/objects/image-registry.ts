import { liesBelow } from "../../../config/host.ts";
import { forContainers, type ObjectGuard } from "./object-guard.ts";

/** GRD-217: images come from the registries that were decided. */
export const imageRegistry: ObjectGuard = forContainers("GRD-217", ({ body }, _, { residency }) => {
  const registries = residency.registries.value;
  if (registries === null) return [];
  const image = String(body.image);
  const repository = fullName(image.replace(/@.*$/, "").replace(/:[^/]*$/, ""));
  return registries.some((registry) => liesBelow(repository, registry))
    ? []
    : [`runs ${image}, and allowed are ${registries.length === 0 ? "none" : registries.join(", ")}`];
});

/** What clients make of a name without a host. */
function fullName(name: string): string {
  const [first = "", ...rest] = name.split("/");
  if (rest.length > 0 && (first.includes(".") || first.includes(":") || first === "localhost")) return name;
  return `docker.io/${rest.length === 0 ? "library/" : ""}${name}`;
}
