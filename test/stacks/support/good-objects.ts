// One good stack as objects, and ways to change one thing in it. What is found after a change are codes of guards.
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { Finding } from "../../../config/diagnostics/finding.ts";
import type { ResidencyConfig } from "../../../config/schema/index.ts";
import type { ResidencyBlueprint } from "../../../decisions/residency/facts.ts";
import { buildStacks } from "../../../stacks/build.ts";
import { checkObjects } from "../../../stacks/guards/objects/index.ts";
import { toManifests } from "../../../stacks/manifests.ts";
import { decideResidencyFor, residentStack, soundResidency } from "../../support/residency.ts";
import { goldenFolder, openExample } from "./example.ts";
import { sources } from "./stacks.ts";

// biome-ignore lint/suspicious/noExplicitAny: mutants reach anywhere into objects whose form is Kubernetes' own.
export type Any = any;
export type Mutation = (body: Any) => void;

const { blueprint } = openExample("on-prem-existing");
const rendered = parseAllDocuments(readFileSync(`${goldenFolder("on-prem-existing")}/chat-v1.manifests.yaml`, "utf8"));
/** All that is applied for an existing cluster, the rendered objects of the chart included. */
export const good: readonly Any[] = [
  ...buildStacks(blueprint, sources).flatMap(({ json }) => toManifests(json).objects),
  ...rendered.map((document) => document.toJS()),
];
export const limits = { target: "existing", residency: blueprint.residency, waysIn: [] };

/** Facts for this stack, which has no proxy, whose pods go out themselves, and whose weights nobody verifies. */
const plain = (residency: ResidencyBlueprint): ResidencyBlueprint => ({
  ...residency,
  egress: { ...residency.egress, value: null },
  signatures: blueprint.residency.signatures,
});

/** What is decided for a stack of the good one's name. */
const facts = (residency: ResidencyConfig) => {
  const { name, environment } = blueprint;
  return plain(decideResidencyFor(residentStack(residency, { name, environment })).residency);
};

/** Facts of a mode with everything given, whose registry is the good stack's. */
export const under = (mode: "region-bound" | "sovereign") => ({
  ...limits,
  residency: facts(
    soundResidency(mode, {
      sources: { registries: ["docker.io/vllm"], hub: "hub.example.com", networks: ["0.0.0.0/0", "::/0"] },
    }),
  ),
});

/** Facts of a mode whose hub stands in 10.20.0.0/16, with the good stack's registries. */
export const bound = (mode: "region-bound" | "sovereign") => ({
  ...limits,
  residency: {
    ...facts(soundResidency(mode)),
    registries: blueprint.residency.registries,
  },
});

const sovereign = openExample("sovereign").blueprint;

/** What is found after the pod of the Job that fetches weights has changed, where a mode has signatures verified. */
export function inVerifyingJob(mutate: (spec: Any) => void): readonly string[] {
  const objects = buildStacks(sovereign, sources).flatMap(({ json }) => toManifests(json).objects) as Any[];
  const engines = parseAllDocuments(readFileSync(`${goldenFolder("sovereign")}/chat-v1.manifests.yaml`, "utf8"));
  const job = objects.find(({ kind }) => kind === "Job");
  mutate(job.spec.template.spec);
  const bodies = [...objects, ...engines.map((document) => document.toJS())];
  return checkObjects(bodies, { ...limits, residency: sovereign.residency }).map(({ code }) => code);
}

export function check(objects: readonly Any[], held = limits): readonly Finding[] {
  return checkObjects(objects, held);
}

/** What is found after `mutate` has changed the only object of a kind and name. */
export function afterChanging(kind: string, name: RegExp, mutate: Mutation, held = limits): readonly string[] {
  const objects = structuredClone(good) as Any[];
  const found = objects.filter((body) => body.kind === kind && name.test(body.metadata.name));
  if (found.length !== 1) throw new Error(`${found.length} objects ${kind} ${name}, one is expected.`);
  mutate(found[0]);
  return check(objects, held).map(({ code }) => code);
}

export const added = (body: Any, held = limits) => check([...good, body], held).map(({ code }) => code);
export const pod =
  (mutate: (spec: Any, template: Any) => void): Mutation =>
  (body) =>
    mutate(body.spec.template.spec, body.spec.template);
const engine = (mutate: (container: Any) => void) => pod((spec) => mutate(spec.containers[0]));
export const inEngine = (mutate: (container: Any) => void, held = limits) =>
  afterChanging("Deployment", /^chat-v1$/, engine(mutate), held);
export const inPod = (mutate: (spec: Any, template: Any) => void, held = limits) =>
  afterChanging("Deployment", /^chat-v1$/, pod(mutate), held);
export const inJob = (mutate: (container: Any) => void, held = limits) =>
  afterChanging("Job", /^chat-v1/, engine(mutate), held);
export const inPolicy = (name: string, mutate: Mutation, held = limits) =>
  afterChanging("NetworkPolicy", new RegExp(`^${name}$`), mutate, held);
export const variable = (name: string, value: string | undefined) => (container: Any) => {
  container.env = container.env.filter((item: Any) => item.name !== name);
  if (value !== undefined) container.env.push({ name, value });
};
export const flag =
  (...words: string[]) =>
  (container: Any) =>
    container.args.push(...words);
export const image = (text: string) => (container: Any) => {
  container.image = text;
};
export const digest = `@sha256:${"5f".repeat(32)}`;
export const rules = (kind: string, ...given: Any[]) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind,
  metadata: { name: "reader" },
  rules: given,
});
export const rule = (verbs: string[], resources: string[], apiGroups = [""]) => ({ apiGroups, resources, verbs });
export const withOneMore = (container: Any) => (spec: Any) =>
  spec.containers.push({ ...spec.containers[0], name: "sidecar", ...container });
export const weights = (...names: string[]) =>
  afterChanging("ConfigMap", /^chat-v1-weights-/, (body) => {
    const wanted = JSON.parse(body.data["weights.json"]);
    body.data["weights.json"] = JSON.stringify({
      ...wanted,
      files: names.map((name) => ({ name, bytes: 1, sha256: null })),
    });
  });
export const service = (change: object) =>
  afterChanging("Service", /^chat$/, (body) => Object.assign(body.spec, change));
export const block = (cidr: string, ...except: string[]) => ({
  ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) },
});
export const wayOut = (to: Any[], held = limits, ports?: Any[]) =>
  inPolicy(
    "fetch-weights",
    (body) => {
      body.spec.egress[1].to = to;
      if (ports !== undefined) body.spec.egress[1].ports = ports;
    },
    held,
  );
export const callers = (from: Any) =>
  inPolicy("chat-v1", (body) => {
    body.spec.ingress[0].from = from;
  });
export const named = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } };

export { describeRules as describeGuards } from "../../support/rule-table.ts";
