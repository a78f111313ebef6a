/**
 * Secrets of the machine, and one in the cluster, through a whole life of a stack on a real API server: plans, state, logs and
 * error output hold none of them. State is what is kept of a deployment: files of the checkout, objects and Helm releases in
 * the cluster, and Terraform's plans and state where its providers can be had; where not, its error output is looked at.
 */
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inspect } from "../../local-cluster/local-cluster.ts";
import { runProgram } from "../../local-cluster/run-program.ts";
import { canaries, canariesIn, canaryOf, filesBelow } from "../support/canaries.ts";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { noSignal, testTools } from "../support/cluster.ts";
import { stackWith } from "../support/stack-file.ts";

const namespace = "support-agents-trial-inference";
const inCluster = { "Secret hub-token": canaryOf("hub-token", 99) };
const sound = stackWith(["{ repository: Qwen/Qwen3-32B }", "{ repository: Qwen/Qwen3-32B, tokenSecret: hub-token }"]);
let checkout: Checkout;
/** What was printed, by the command that printed it. */
const printed: Record<string, string> = {};

async function freehold(...args: string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  const ran = await checkout.freehold(args, {
    environment: { ...process.env, FREEHOLD_STACK: undefined, ...canaries },
  });
  printed[args.join(" ")] = `${ran.stdout}\n${ran.stderr}`;
  return ran;
}

async function kubectl(args: readonly string[]): Promise<string> {
  const found = await inspect({ directory: `${checkout.root}/.freehold/local-cluster` });
  const { kubectl: program } = await testTools();
  const ran = await runProgram(program, ["--kubeconfig", found?.cluster.kubeconfigPath ?? "", ...args], {
    signal: noSignal,
    timeoutSeconds: 120,
  });
  if (ran.code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${ran.stderr}`);
  return ran.stdout;
}

/** Every object but the Secret that holds its own canary; releases of Helm as they read when unpacked. */
async function objects(): Promise<string> {
  const kinds = (await kubectl(["api-resources", "--verbs=list", "--output=name"])).trim().split("\n");
  const { items } = JSON.parse(await kubectl(["get", kinds.join(","), "--all-namespaces", "--output=json"])) as {
    items: { kind: string; metadata: { name: string }; data?: { release?: string } }[];
  };
  const kept = items.filter(({ kind, metadata }) => !(kind === "Secret" && metadata.name === "hub-token"));
  const releases = kept.flatMap(({ kind, data }) =>
    kind === "Secret" && data?.release !== undefined
      ? [gunzipSync(Buffer.from(Buffer.from(data.release, "base64").toString(), "base64")).toString()]
      : [],
  );
  expect(releases.length).toBeGreaterThan(0);
  return [JSON.stringify(kept), ...releases].join("\n");
}

/** Where canaries are: in what was printed, in files of the checkout, in the cluster. */
async function leaks(): Promise<string[]> {
  const wanted = { ...canaries, ...inCluster };
  const files = Object.entries(filesBelow(checkout.root))
    // The store of the cluster holds the Secret itself, and nothing else may be in there.
    .map(([name, text]) => ({ place: name, text, wanted: name.includes("/etcd/") ? canaries : wanted }));
  const texts = [
    ...Object.entries(printed).map(([command, text]) => ({ place: `output of ${command}`, text, wanted })),
    ...files,
    { place: "objects", text: await objects(), wanted },
  ];
  return texts.flatMap((each) => canariesIn(each.text, each.wanted).map((name) => `${each.place}: ${name}`)).sort();
}

beforeAll(async () => {
  checkout = newCheckout();
  checkout.write("config/stack.yaml", sound);
  const first = await freehold("up", "--via", "manifests");
  expect(first, first.stderr).toMatchObject({ code: 0 });
  const [value] = Object.values(inCluster);
  await kubectl([
    "create",
    "secret",
    "generic",
    "hub-token",
    `--namespace=${namespace}`,
    `--from-literal=token=${value}`,
  ]);
});

afterAll(async () => {
  await checkout.freehold(["down"]);
  checkout.remove();
});

it("are in no plan, state, log, evidence or error", async () => {
  expect(Object.keys({ ...canaries, ...inCluster }).length).toBeGreaterThanOrEqual(20);
  await freehold("preflight");
  await freehold("status");
  await freehold("evidence");
  await freehold("synth", "--out", "out");
  checkout.write("config/stack.yaml", sound.replace("maxModelLen: 32768", "maxModelLen: 16384"));
  const plan = await freehold("deploy", "--via", "manifests");
  expect(plan.stderr, "a plan is shown, and asked about").toContain("RUN-142");
  await freehold("deploy", "--via", "manifests", "--yes");
  // What goes wrong: a file with a fault, a cluster that is not there, Terraform without providers or what another way holds.
  await freehold("deploy", "--via", "terraform", "--yes");
  await freehold("deploy", "--context", "no-such-cluster");
  checkout.write("broken.yaml", sound.replace("engine: vllm", "engine: [vllm"));
  await freehold("check", "broken.yaml");
  await freehold("no-such-command");
  expect(await leaks()).toEqual([]);
  const logs = Object.keys(filesBelow(checkout.root)).filter((name) => name.endsWith(".log"));
  expect(logs.length, "logs of the control plane were read").toBeGreaterThanOrEqual(5);
});

it("would be found: one that is planted as a revision is, in plan, state, output and error", async () => {
  const [name, value] = Object.entries(canaries)[4] ?? [];
  const planted = sound.replace("tokenSecret: hub-token", `tokenSecret: hub-token, revision: ${value}`);
  checkout.write("config/stack.yaml", planted);
  await freehold("deploy", "--via", "manifests");
  await freehold("deploy", "--via", "manifests", "--yes");
  checkout.write("broken.yaml", planted.replace(", revision", "] revision"));
  await freehold("check", "broken.yaml");
  const found = await leaks();
  for (const place of [
    "output of deploy --via manifests",
    "output of deploy --via manifests --yes",
    "output of check broken.yaml",
    "cdktf.out/stacks/inference/cdk.tf.json",
    "objects",
    ".freehold/local-cluster/etcd/member/snap/db",
  ]) {
    expect(found).toContain(`${place}: ${name}`);
  }
  expect(found.every((leak) => leak.endsWith(`: ${name}`))).toBe(true);
});
