import { forObjects, type ObjectGuard } from "./object-guard.ts";
import { isWayIn, wayInProblems } from "./way-in.ts";

/** GRD-242: the way in from outside is the one that was decided: its host with a certificate, its paths, and the gateway behind it. */
export const wayInAsDecided: ObjectGuard = forObjects(
  "GRD-242",
  ["HTTPRoute", "Ingress", "Service"],
  (object, { exposure }) => (exposure !== null && isWayIn(object, exposure) ? wayInProblems(object, exposure) : []),
);
