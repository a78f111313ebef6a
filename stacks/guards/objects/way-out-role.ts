import { forPods, type ObjectGuard } from "./object-guard.ts";

/** Who may carry each role that has a way out: what makes the pods, and the account they run as. */
const roles: Readonly<Record<string, { readonly kind: string; readonly account: string }>> = {
  "egress-proxy": { kind: "Deployment", account: "egress-proxy" },
  "fetch-weights": { kind: "Job", account: "fetch-weights" },
  "migrate-agents": { kind: "Job", account: "migrate-agents" },
};

/** GRD-229: the labels that open a way out are carried by the pods they are meant for alone. */
export const wayOutRole: ObjectGuard = forPods("GRD-229", ({ labels, spec, object }, { residency }) => {
  const role = String(labels["freehold/role"]);
  const wanted = Object.hasOwn(roles, role) ? roles[role] : undefined;
  if (wanted === undefined) return [];
  const isPlaced = role !== "egress-proxy" || object.namespace === residency.egress.value?.namespace;
  const isMeant = object.kind === wanted.kind && spec.serviceAccountName === wanted.account;
  return isMeant && isPlaced ? [] : [`carries the role ${role}`];
});
