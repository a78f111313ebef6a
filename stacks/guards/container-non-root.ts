import { at, finding } from "../../config/diagnostics/finding.ts";
import { fields, type Guard, list } from "./guard.ts";

/** GRD-117: each container says itself that it does not run as root, because the provider writes `false` otherwise. */
export const containerNonRoot: Guard = ({ containers }) =>
  containers
    .filter(({ body }) => {
      const [securityContext] = list(body.security_context);
      return fields(securityContext).run_as_non_root !== true;
    })
    .map(({ resource, name }) =>
      finding("GRD-117", at(resource.configPath), { container: name, resource: resource.label }),
    );
