import { fields, list } from "../guard.ts";
import { type ClusterObject, forObjects, type ObjectGuard } from "./object-guard.ts";

/** Resources and verbs with which an account takes over others. */
const dangerous: readonly (readonly [resource: string, verbs: readonly string[], told: string])[] = [
  ["pods/exec", ["create", "get"], "allows running commands in pods"],
  ["pods/attach", ["create", "get"], "allows attaching to pods"],
  ["pods/portforward", ["create", "get"], "allows reaching ports of pods past every policy"],
  ["pods/ephemeralcontainers", ["update", "patch"], "allows adding containers to pods"],
  ["serviceaccounts/token", ["create"], "allows making tokens"],
  ["nodes/proxy", ["create", "get"], "allows reaching the kubelets"],
];
const verbsOfPower = ["impersonate", "escalate", "bind"];
const verbsOfListing = ["list", "watch"];

/** GRD-208: a role names what it allows, and nothing with which an account could become another. */
export const roleRights: ObjectGuard = forObjects(
  "GRD-208",
  ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"],
  (object) =>
    object.kind.endsWith("Binding")
      ? bindingProblems(object)
      : list(object.body.rules).flatMap((rule) => ruleProblems(fields(rule), object)),
);

function ruleProblems(rule: Readonly<Record<string, unknown>>, { kind }: ClusterObject): readonly string[] {
  const [verbs, resources] = [list(rule.verbs).map(String), list(rule.resources).map(String)];
  return [
    ...(verbs.includes("*") ? ["allows every verb"] : []),
    ...(resources.includes("*") ? ["allows every resource"] : []),
    ...(list(rule.apiGroups).includes("*") ? ["allows every API group"] : []),
    ...verbs.filter((verb) => verbsOfPower.includes(verb)).map((verb) => `allows ${verb}`),
    ...(kind === "ClusterRole" && resources.includes("secrets") && verbs.some((verb) => verbsOfListing.includes(verb))
      ? ["allows listing the secrets of every namespace"]
      : []),
    ...dangerous
      .filter(([resource, wanted]) => resources.includes(resource) && verbs.some((verb) => wanted.includes(verb)))
      .map(([, , told]) => told),
  ];
}

function bindingProblems({ body }: ClusterObject): readonly string[] {
  const role = String(fields(body.roleRef).name);
  return ["cluster-admin", "admin", "edit"].includes(role) ? [`gives the role ${role}`] : [];
}
