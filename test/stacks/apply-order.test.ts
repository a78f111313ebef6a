// Proves in which order Terraform makes and removes what the inference stack holds, also after a fetch that failed: the
// stack's own graph (dependencies, lifecycles, names) with each resource replaced by one that makes a folder of the
// object's name. As in a cluster, a name that is taken cannot be made again. It does not prove what a provider does.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runProcess } from "../../cli/process.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import type { TerraformJson, TerraformResource } from "../../stacks/build.ts";
import { escapeTemplate } from "../../stacks/terraform-text.ts";
import { blueprint, model, release } from "./support/blueprint.ts";
import { stacksOf } from "./support/stacks.ts";

const binary = ["terraform", "tofu"].find((name) => {
  try {
    execFileSync(name, ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "freehold-order-"));
  mkdirSync(join(folder, "objects"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Body extends TerraformResource {
  readonly metadata?: { readonly name?: string; readonly generate_name?: string };
  readonly name?: string;
  readonly depends_on?: readonly string[];
  readonly lifecycle?: object;
}

/** What stands for a resource: it is replaced when its name changes and updated when anything else does. */
function standIn(type: string, body: Body): object {
  const generated = body.metadata?.generate_name;
  const name = `${type}.${generated ?? body.metadata?.name ?? body.name ?? "record"}`;
  const make = generated === undefined ? `mkdir objects/${name}` : `mktemp -d objects/${name}XXXXXX`;
  const isJob = type === "kubernetes_job_v1";
  const remove = "rmdir $(ls -d objects/${self.triggers_replace}* | head -n 1)";
  return {
    triggers_replace: name,
    input: escapeTemplate(JSON.stringify({ ...body, depends_on: null, lifecycle: null })),
    ...(body.depends_on === undefined
      ? {}
      : { depends_on: body.depends_on.map((address) => `terraform_data.${address.replace(".", "__")}`) }),
    ...(body.lifecycle === undefined ? {} : { lifecycle: body.lifecycle }),
    provisioner: [
      { "local-exec": { command: isJob ? `${make} && test ! -e broken` : make } },
      { "local-exec": { when: "destroy", command: remove } },
    ],
  };
}

function standIns({ resource }: TerraformJson): object {
  const all = Object.entries(resource).flatMap(([type, instances]) =>
    Object.entries(instances).map(([id, body]) => [`${type}__${id}`, standIn(type, body)] as const),
  );
  return { resource: { terraform_data: Object.fromEntries(all) } };
}

interface Event {
  readonly type: string;
  readonly hook?: { readonly action: string; readonly resource: { readonly resource_name: string } };
}

/** How applying a Blueprint ended, and what was done, as `<action> <type>`, in the order it was finished. */
async function apply(from: Blueprint): Promise<{ readonly status: number; readonly done: readonly string[] }> {
  writeFileSync(join(folder, "main.tf.json"), JSON.stringify(standIns(stacksOf(from).inference)));
  const environment = { PATH: process.env.PATH, HOME: folder, CHECKPOINT_DISABLE: "1" };
  const run = (...args: string[]) =>
    runProcess(binary ?? "", args, { directory: folder, environment, timeoutSeconds: 50 });
  expect(await run("init", "-input=false")).toMatchObject({ status: 0 });
  const { status, stdout } = await run("apply", "-auto-approve", "-input=false", "-json");
  const events = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Event);
  const done = events.flatMap(({ type, hook }) =>
    type === "apply_complete" && hook !== undefined
      ? [`${hook.action} ${hook.resource.resource_name.split("__")[0]}`]
      : [],
  );
  return { status, done };
}

const tight = { value: { gpus: 4, fits: false }, because: [] };

/** A stack of one model whose weights are of this commit, in a pool with room for a second version or without. */
function stack(commit: string, fits: boolean): Blueprint {
  const claim = `chat-v1-weights-${commit.slice(0, 8)}`;
  const version = release("chat", "v1", { weights: { commit, deployedRevision: commit, claim } });
  const chat = model("chat", version);
  return blueprint({ models: { chat: fits ? chat : { ...chat, overlap: tight } } });
}

const [first, second] = ["1".repeat(40), "2".repeat(40)] as const;

describe.skipIf(binary === undefined).each([
  { pool: "that holds two versions", fits: true },
  { pool: "that holds one version", fits: false },
])("in a pool $pool", ({ fits }) => {
  it("a fetch that failed is fetched again by the next run", async () => {
    writeFileSync(join(folder, "broken"), "");
    expect((await apply(stack(first, fits))).status).not.toBe(0);
    rmSync(join(folder, "broken"));
    const healed = await apply(stack(first, fits));
    expect(healed.status).toBe(0);
    expect(healed.done).toContain("create helm_release");
    expect((await apply(stack(first, fits))).done).toEqual([]);
  });

  it("other weights are there before the release changes, and the old ones go after it", async () => {
    expect((await apply(stack(first, fits))).status).toBe(0);
    const { status, done } = await apply(stack(second, fits));
    expect(status).toBe(0);
    const claim = "kubernetes_persistent_volume_claim_v1";
    const order = [`create ${claim}`, "create kubernetes_job_v1", "update helm_release", "delete kubernetes_job_v1"];
    expect(done.filter((step) => [...order, `delete ${claim}`].includes(step))).toEqual([...order, `delete ${claim}`]);
  });
});
