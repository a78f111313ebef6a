import { forObjects, type ObjectGuard } from "./object-guard.ts";
import { wayInOf, wayInProblems } from "./way-in.ts";

/** GRD-242: a way in from outside is one that was decided: its host with a certificate, its paths, and the service behind it. */
export const wayInAsDecided: ObjectGuard = forObjects(
  "GRD-242",
  ["HTTPRoute", "Ingress", "Service"],
  (object, { waysIn }) => {
    const exposure = wayInOf(object, waysIn);
    return exposure === undefined ? [] : wayInProblems(object, exposure);
  },
);
