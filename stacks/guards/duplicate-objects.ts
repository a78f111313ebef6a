import { at, finding } from "../../config/diagnostics/finding.ts";
import { type Guard, type Resource, servesModel } from "./guard.ts";

/** Kubernetes keeps Services of a chart and of a stack in one list, so a release stands for the Services it makes. */
function identities(resource: Resource): readonly string[] {
  const { type, namespace, name } = resource;
  const own = `${type} ${namespace} ${name}`;
  if (!servesModel(resource)) return [own];
  return [own, ...[name, `${name}-headless`].map((service) => `kubernetes_service_v1 ${namespace} ${service}`)];
}

/** GRD-116: each object in the cluster has one owner. */
export const duplicateObjects: Guard = ({ resources }) => {
  const owners = new Map<string, Resource>();
  return resources
    .filter(({ type }) => type !== "terraform_data")
    .flatMap((resource) =>
      identities(resource).flatMap((identity) => {
        const owner = owners.get(identity);
        owners.set(identity, owner ?? resource);
        if (owner === undefined) return [];
        return [
          finding("GRD-116", at(resource.configPath, "key"), { resource: owner.label, other: resource.constructPath }, [
            { path: owner.configPath, text: "the first one comes from here" },
          ]),
        ];
      }),
    );
};
