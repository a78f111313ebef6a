/**
 * The example of agents on a real Kubernetes control plane: its objects are as decided, a change of an assistant replaces the
 * orchestrator and nothing else, and without the section everything of it goes. Containers are simulated: that the process starts
 * with these settings is tested in test/decisions/agents/ and test/cli/images/, how runs are handed over in services/orchestrator/.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { inspect } from "../../local-cluster/local-cluster.ts";
import { runProgram } from "../../local-cluster/run-program.ts";
import { settingsSchema } from "../../services/orchestrator/src/settings.ts";
import { openExample } from "../stacks/support/example.ts";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { noSignal, testTools } from "../support/cluster.ts";

// biome-ignore lint/suspicious/noExplicitAny: objects of the cluster as they come.
type Any = any;

const namespace = "helpdesk-trial-agents";
/** Pods and namespaces go after whoever removed them. */
const patience = { timeout: 60_000, interval: 500 };
const file = parse(readFileSync(fileURLToPath(new URL("../../examples/agents/stack.yaml", import.meta.url)), "utf8"));
const decided = openExample("agents").blueprint;
let checkout: Checkout;

async function kubectl(...args: readonly string[]): Promise<Any> {
  const found = await inspect({ directory: `${checkout.root}/.freehold/local-cluster` });
  const { kubectl: program } = await testTools();
  const options = { signal: noSignal, timeoutSeconds: 60 };
  const kubeconfig = ["--kubeconfig", found?.cluster.kubeconfigPath ?? ""];
  const ran = await runProgram(program, [...kubeconfig, ...args, "--output=json"], options);
  if (ran.code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${ran.stderr}`);
  return ran.stdout.trim() === "" ? null : JSON.parse(ran.stdout);
}

const get = (kind: string, name: string) => kubectl("get", kind, name, "--namespace", namespace);
const list = async (kind: string, of = namespace): Promise<Any[]> =>
  (await kubectl("get", kind, "--namespace", of)).items;

async function apply(command: "up" | "deploy", stack: object): Promise<void> {
  checkout.write("config/stack.yaml", stack);
  const ran = await checkout.freehold([command, "--via", "manifests", "--yes"]);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
}

/** The pods of the Job that changes the tables. */
const migrates = ({ metadata }: Any): boolean => metadata.labels["freehold/role"] === "migrate-agents";

/** What of the pods that serve changes with them. */
async function pods(of: string): Promise<string[]> {
  return (await list("pods", of))
    .filter((pod) => !migrates(pod))
    .map(({ metadata }) => metadata.uid)
    .sort();
}

beforeAll(async () => {
  checkout = newCheckout();
  // With a gateway in the file, `up` would also start processes of this machine.
  const { agents: _, gateway: __, ...engines } = file;
  await apply("up", engines);
  await apply("deploy", file);
});

afterAll(async () => {
  await checkout.freehold(["down"]);
  checkout.remove();
});

it("runs as many replicas as were decided, under Pod Security restricted and without a token", async () => {
  const { spec, status } = await get("deployment", "orchestrator");
  expect(status.readyReplicas).toBe(decided.agents?.replicas.value);
  expect(spec.template.spec.terminationGracePeriodSeconds).toBe(
    decided.agents?.drain.value.terminationGracePeriodSeconds,
  );
  const { metadata } = await kubectl("get", "namespace", namespace);
  expect(metadata.labels["pod-security.kubernetes.io/enforce"]).toBe("restricted");
  for (const pod of await list("pods")) {
    expect(pod.spec.containers[0].volumeMounts.map(({ mountPath }: Any) => mountPath)).not.toContain(
      "/var/run/secrets/kubernetes.io/serviceaccount",
    );
  }
});

it("has its tables changed before, by one Job of the same image that nothing but the database can be reached from", async () => {
  const [job, ...others] = await list("jobs");
  expect(others).toEqual([]);
  expect(job.status.succeeded).toBe(1);
  const [replica] = (await list("pods")).filter((pod) => !migrates(pod));
  expect(Date.parse(job.status.completionTime)).toBeLessThanOrEqual(Date.parse(replica.metadata.creationTimestamp));
  const [container] = job.spec.template.spec.containers;
  expect(container.image).toBe(replica.spec.containers[0].image);
  const { data } = await get("configmap", job.spec.template.spec.volumes[0].configMap.name);
  expect(JSON.parse(data["settings.json"])).toEqual(decided.agents?.migration.settings);
  const policies = (await list("networkpolicies")).filter(({ spec }) =>
    Object.entries(spec.podSelector.matchLabels ?? {}).every(
      ([key, value]) => job.spec.template.metadata.labels[key] === value,
    ),
  );
  expect(policies.map(({ metadata }) => metadata.name).sort()).toEqual(["default-deny", "migrate-agents"]);
  const { spec } = policies.find(({ metadata }) => metadata.name === "migrate-agents");
  expect(spec.egress.map(({ ports }: Any) => ports[0].port)).toEqual([53, 5432]);
});

it("hands the process the settings that were decided", async () => {
  const { data } = await get("configmap", "orchestrator-settings");
  const settings = JSON.parse(data["settings.json"]);
  expect(settings).toEqual(decided.agents?.settings);
  expect(settingsSchema.safeParse(settings).success).toBe(true);
});

it("may call what was decided and nobody else, and is called by labelled pods alone", async () => {
  const policies = await list("networkpolicies");
  expect(policies.map(({ metadata }) => metadata.name).sort()).toEqual([
    "default-deny",
    "migrate-agents",
    "orchestrator",
    "orchestrator-callers",
  ]);
  const { spec } = policies.find(({ metadata }) => metadata.name === "orchestrator");
  const targets = spec.egress.map(({ to, ports }: Any) => {
    const [{ namespaceSelector, ipBlock }] = to;
    const where = ipBlock?.cidr ?? namespaceSelector.matchLabels["kubernetes.io/metadata.name"];
    return `${where} ${ports[0].port}`;
  });
  expect(targets).toEqual([
    "kube-system 53",
    "helpdesk-trial-gateway 8080",
    "data 5432",
    "shop 8080",
    "10.40.7.0/24 443",
    "shop 8080",
  ]);
});

it("carries what the gateway's policy asks of its callers", async () => {
  const callers = (await list("networkpolicies", "helpdesk-trial-gateway")).find(
    ({ metadata }) => metadata.name === "gateway-callers",
  );
  const [{ namespaceSelector, podSelector }] = callers.spec.ingress[0].from;
  const [pod] = (await list("pods")).filter((each) => !migrates(each));
  const { metadata } = await kubectl("get", "namespace", namespace);
  expect(pod.metadata.labels).toMatchObject(podSelector.matchLabels);
  expect(metadata.labels).toMatchObject(namespaceSelector.matchLabels);
});

it("has nothing to change when nothing has changed", async () => {
  const before = await pods(namespace);
  await apply("deploy", file);
  expect(await pods(namespace)).toEqual(before);
});

it("is replaced when an assistant changes, and the engines and the gateway are not", async () => {
  const [agents, gateway, engines] = [
    await pods(namespace),
    await pods("helpdesk-trial-gateway"),
    await pods("helpdesk-trial-inference"),
  ];
  const changed = structuredClone(file);
  changed.agents.assistants.helpdesk.maxModelCalls = 6;
  const [tables] = await list("jobs");
  await apply("deploy", changed);
  expect((await list("jobs")).map(({ metadata }) => metadata.uid)).toEqual([tables.metadata.uid]);
  const { data } = await get("configmap", "orchestrator-settings");
  expect(JSON.parse(data["settings.json"]).agents.helpdesk.settings.maxModelCalls).toBe(6);
  await expect.poll(async () => (await pods(namespace)).filter((uid) => agents.includes(uid)), patience).toEqual([]);
  expect((await get("deployment", "orchestrator")).status).toMatchObject({ readyReplicas: 2, updatedReplicas: 2 });
  expect(await pods("helpdesk-trial-gateway")).toEqual(gateway);
  expect(await pods("helpdesk-trial-inference")).toEqual(engines);
});

it("has its tables changed anew for another image, before its replicas are", async () => {
  const changed = structuredClone(file);
  changed.agents.image = "localhost/freehold/orchestrator:0.2.0";
  const [before] = await list("jobs");
  await apply("deploy", changed);
  const [job, ...others] = await list("jobs");
  expect(others).toEqual([]);
  expect(job.metadata.uid).not.toBe(before.metadata.uid);
  expect(job.spec.template.spec.containers[0].image).toBe(changed.agents.image);
  expect((await get("deployment", "orchestrator")).status).toMatchObject({ updatedReplicas: 2 });
});

it("goes with its namespace when the section leaves the file", async () => {
  const { agents: _, ...rest } = file;
  await apply("deploy", rest);
  await expect
    .poll(async () => (await kubectl("get", "namespaces")).items.map(({ metadata }: Any) => metadata.name), patience)
    .not.toContain(namespace);
  expect((await list("pods", "helpdesk-trial-gateway")).length).toBe(2);
});
