import { exampleNames, openExample } from "../stacks/support/example.ts";

/** A finding of a judge that stands, with the reason. One that no longer occurs fails the test as well. */
export interface Explained {
  readonly check: string;
  /** What it is about: the end of the judge's name of the resource. */
  readonly resource: RegExp;
  readonly reason: string;
}

/** Workloads of the examples on the local target. */
const onLocalTarget = new RegExp(
  `^(Deployment|Job)\\.(${exampleNames()
    .map((name) => openExample(name).blueprint)
    .filter(({ cluster }) => cluster.target === "local")
    .flatMap(({ namespaces }) => [namespaces.inference, namespaces.gateway ?? [], namespaces.agents ?? []].flat())
    .join("|")})\\.`,
);

/** Everything that Checkov has against the examples. */
export const explained: readonly Explained[] = [
  {
    check: "CKV_K8S_11",
    resource: /^Deployment\..*-inference\.[a-z]+-v\d$/,
    reason: "No CPU limit on purpose: it throttles an engine whose request already keeps its neighbours their share.",
  },
  {
    check: "CKV_K8S_11",
    resource: /^Deployment\..*-egress\.egress-proxy$/,
    reason: "No CPU limit on purpose: it would throttle the download of weights, which a request shares fairly.",
  },
  {
    check: "CKV_K8S_11",
    resource: /^Deployment\..*-gateway\.gateway$/,
    reason: "No CPU limit on purpose: it would hold back every stream at once for the rest of a tenth of a second.",
  },
  {
    check: "CKV_K8S_11",
    resource: /^Deployment\..*-agents\.orchestrator$/,
    reason: "No CPU limit on purpose: it would hold back heartbeats, and a run whose lease ends is taken over.",
  },
  {
    check: "CKV_K8S_11",
    resource: /^Job\..*-agents\.migrate-agents-[0-9a-f]{8}/,
    reason: "No CPU limit on purpose: while it holds a table everybody waits, so it is to be done as soon as it can.",
  },
  {
    check: "CKV_K8S_22",
    resource: /^Deployment\..*-inference\.[a-z]+-v\d$/,
    reason:
      "The GPU hook writes to the image before the engine starts (ADR 0009); the engine itself cannot, as user 2000.",
  },
  {
    check: "CKV_K8S_43",
    resource: onLocalTarget,
    reason:
      "Examples on the local target, where containers are simulated and nothing is locked. Any other target refuses it.",
  },
  {
    check: "CKV_K8S_15",
    resource: onLocalTarget,
    reason: "The same images by tag. By digest, as anywhere else, pulling always would fetch the same bytes again.",
  },
  {
    check: "CKV_K8S_40",
    resource: /^(Deployment|Job)\..*-inference\./,
    reason:
      "User 2000 is the image's own. Above 10000 it would own none of its files, and user namespaces of a node differ.",
  },
];
