// Proves: whom a stack in the cluster belongs to is told by what lies there, not by what an interrupted run left half gone.
//
// kubectl is a script here that answers from files. It does not prove that a namespace goes away; test/cluster/ does.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { chooseWay, type WayName } from "../../../cli/apply/way.ts";
import type { ClusterAccess } from "../../../cli/cluster/kubectl.ts";
import { Failure } from "../../../config/diagnostics/failure.ts";
import { blueprintFor } from "../../support/blueprint.ts";
import { newCheckout } from "../../support/checkout.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "freehold-way-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A cluster without Helm's records whose namespace answers as given, one answer a question, the last one for ever. */
function cluster(...answers: readonly (object | null)[]): ClusterAccess {
  const kubectlPath = join(folder, "kubectl");
  answers.forEach((answer, index) => {
    writeFileSync(join(folder, `answer-${index}`), answer === null ? "" : JSON.stringify({ metadata: answer }));
  });
  writeFileSync(join(folder, "asked"), "0");
  writeFileSync(
    kubectlPath,
    `#!/bin/sh
case "$*" in *"get secrets"*) exit 0;; esac
asked=$(cat '${folder}/asked')
cat '${folder}'/answer-$asked
if [ "$asked" -lt ${answers.length - 1} ]; then echo $((asked + 1)) > '${folder}/asked'; fi
`,
  );
  chmodSync(kubectlPath, 0o755);
  const signal = new AbortController().signal;
  return { context: "test", kubeconfigPath: null, kubectlPath, environment: process.env, signal };
}

async function choose(access: ClusterAccess, asked: WayName | undefined, patienceSeconds = 20): Promise<string> {
  const checkout = newCheckout();
  try {
    const context = { environment: { PATH: "" }, signal: access.signal };
    const options = { asked, outputDirectory: checkout.root, canFallBack: true, patienceSeconds };
    return (await chooseWay(context, blueprintFor(), access, options)).name;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.finding.code;
  } finally {
    checkout.remove();
  }
}

const byHelm = { labels: { "app.kubernetes.io/managed-by": "Helm" } };
const byTerraform = { labels: { "app.kubernetes.io/managed-by": "freehold" } };
const going = { ...byHelm, deletionTimestamp: "2026-11-24T00:00:00Z" };

it("goes on with manifests where Helm made the namespace, whether or not its record is there", async () => {
  expect(await choose(cluster(byHelm), undefined)).toBe("manifests");
});

it("takes a namespace that Helm did not make for Terraform's", async () => {
  expect(await choose(cluster(byTerraform), "manifests")).toBe("RUN-135");
});

it("waits until a namespace is gone that an interrupted first run takes back", async () => {
  const access = cluster(going, going, null);
  expect(await choose(access, "manifests")).toBe("manifests");
  expect(readFileSync(join(folder, "asked"), "utf8").trim()).toBe("2");
});

it("falls back to manifests after such a run, as the first time", async () => {
  expect(await choose(cluster(going, null), undefined)).toBe("manifests");
});

it("says so when the namespace does not go", async () => {
  expect(await choose(cluster(going), undefined, 0)).toBe("RUN-136");
});
