// Proves: a judge that we did not write has nothing against the examples but what test/judges/explained.ts explains. Both outputs
// are shown to it: manifests, rendered charts included, and Terraform JSON, whose block `terraform` is left out: Checkov's parser
// expects maps alone there. `npm test` and `npm run check:judges` install it and name it in FREEHOLD_CHECKOV; else `checkov` on
// PATH is taken, and without it the test says so.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { buildStacks } from "../../stacks/build.ts";
import { toManifests } from "../../stacks/manifests.ts";
import { exampleNames, goldenFolder, openExample } from "../stacks/support/example.ts";
import { sources } from "../stacks/support/stacks.ts";
import { explained } from "./explained.ts";

interface Verdict {
  readonly check_id: string;
  readonly check_name: string;
  readonly resource: string;
}
interface Report {
  readonly results: { readonly failed_checks: readonly Verdict[]; readonly passed_checks: readonly Verdict[] };
  readonly summary: { readonly parsing_errors: number };
}

const binary = process.env.FREEHOLD_CHECKOV || "checkov";
const run = promisify(execFile);
let folder: string;
let missing: string | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "freehold-judges-"));
  try {
    await run(binary, ["--version"], { timeout: 120_000 });
  } catch {
    missing = "Checkov could not be installed, and is neither on PATH nor named by FREEHOLD_CHECKOV";
  }
  for (const name of exampleNames()) {
    const stacks = buildStacks(openExample(name).blueprint, sources);
    mkdirSync(join(folder, "manifests", name), { recursive: true });
    for (const { name: stack, json } of stacks) {
      const { terraform: _, ...shown } = json;
      mkdirSync(join(folder, "terraform", name, stack), { recursive: true });
      writeFileSync(join(folder, "terraform", name, stack, "cdk.tf.json"), JSON.stringify(shown, null, 2));
      const text = toManifests(json)
        .objects.map((object) => stringify(object))
        .join("---\n");
      writeFileSync(join(folder, "manifests", name, `${stack}.yaml`), text);
    }
    for (const file of readdirSync(goldenFolder(name)).filter((each) => each.endsWith(".manifests.yaml"))) {
      writeFileSync(join(folder, "manifests", name, file), readFileSync(`${goldenFolder(name)}/${file}`));
    }
  }
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function verdicts(output: string, framework: string): Promise<Report> {
  const words = ["-d", join(folder, output), "--framework", framework, "--skip-download", "--soft-fail", "-o", "json"];
  const { stdout } = await run(binary, words, {
    timeout: 280_000,
    maxBuffer: 2 ** 28,
    env: { ...process.env, BC_API_KEY: "" },
  });
  const reports = JSON.parse(stdout) as Report | Report[];
  const [report] = Array.isArray(reports) ? reports : [reports];
  if (report?.results === undefined) throw new Error(`Checkov has judged nothing: ${stdout.slice(0, 300)}`);
  return report;
}

function unexplained(found: readonly Verdict[]): string[] {
  return found
    .filter(
      ({ check_id: id, resource }) => !explained.some((each) => each.check === id && each.resource.test(resource)),
    )
    .map(({ check_id: id, check_name: name, resource }) => `${id} ${name}: ${resource}`);
}

describe("Checkov", () => {
  it("has nothing against the manifests but what is explained", async ({ skip }) => {
    if (missing !== null) return skip(missing);
    const { results, summary } = await verdicts("manifests", "kubernetes");
    expect(summary.parsing_errors).toBe(0);
    expect(results.passed_checks.length).toBeGreaterThan(200);
    expect(unexplained(results.failed_checks)).toEqual([]);
    const idle = explained.filter(
      ({ check, resource }) =>
        !results.failed_checks.some((found) => found.check_id === check && resource.test(found.resource)),
    );
    expect(idle, "explained, and no longer found").toEqual([]);
  }, 300_000);

  it("has nothing against the Terraform JSON", async ({ skip }) => {
    if (missing !== null) return skip(missing);
    const { results, summary } = await verdicts("terraform", "terraform_json");
    expect(summary.parsing_errors).toBe(0);
    expect(unexplained(results.failed_checks)).toEqual([]);
  }, 300_000);
});
