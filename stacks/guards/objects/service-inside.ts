import { fields, list } from "../guard.ts";
import { type ClusterObject, forObjects, type ObjectGuard } from "./object-guard.ts";
import { wayInOf } from "./way-in.ts";

const kinds = [
  "Service",
  "Ingress",
  "Gateway",
  "GRPCRoute",
  "HTTPRoute",
  "ListenerSet",
  "ReferenceGrant",
  "TCPRoute",
  "TLSRoute",
  "UDPRoute",
];

/** GRD-216: nothing is reachable from outside the cluster, but a service by the one way in that was decided. */
export const serviceInside: ObjectGuard = forObjects("GRD-216", kinds, (object, { waysIn }) => {
  if (wayInOf(object, waysIn) !== undefined) return [];
  return object.kind === "Service" ? serviceProblems(object) : ["leads into the cluster from outside"];
});

function serviceProblems({ body }: ClusterObject): readonly string[] {
  const { type, externalIPs, externalName } = fields(body.spec);
  return [
    ...(type === undefined || type === "ClusterIP" ? [] : [`is of the type ${type}`]),
    ...(list(externalIPs).length > 0 ? ["has addresses outside the cluster"] : []),
    ...(externalName !== undefined && type !== "ExternalName" ? ["stands for a name outside the cluster"] : []),
  ];
}
