import { at, finding } from "../../config/diagnostics/finding.ts";
import type { Guard } from "./guard.ts";

/** GRD-114: what several people deploy to, several people can see the state of. */
export const localState: Guard = ({ stacks }, { target }) =>
  target === "local"
    ? []
    : stacks
        .filter(({ json }) => "local" in json.terraform.backend)
        .map(({ name }) => finding("GRD-114", at(["state", "backend"]), { stack: name, target }));
