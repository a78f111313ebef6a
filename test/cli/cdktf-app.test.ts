// Proves that `cdktf synth` gives what `freehold synth` gives, byte for byte: the app is run as cdktf-cli runs it, by the
// command in cdktf.json, in the checkout, with the environment that cdktf-cli sets. cdktf-cli itself takes no part.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import cdktf from "../../cdktf.json" with { type: "json" };

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "freehold-cdktf-app-"));
afterAll(() => rmSync(folder, { recursive: true }));

const stackFile = "examples/two-versions/stack.yaml";

/** Every file below a folder with its bytes. */
function filesBelow(directory: string): Readonly<Record<string, string>> {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(directory, path)).isFile())
    .sort();
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(directory, path), "base64")]));
}

function run(command: string, environment: Readonly<Record<string, string>>): void {
  execFileSync("sh", ["-c", command], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: "pipe",
    timeout: 50_000,
  });
}

it("writes what freehold synth writes", () => {
  run(cdktf.app, {
    FREEHOLD_STACK: stackFile,
    CDKTF_OUTDIR: join(folder, "cdktf"),
    CDKTF_CONTEXT_JSON: JSON.stringify({ excludeStackIdFromLogicalIds: true, cdktfRelativeModules: ["."] }),
    CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS: "true",
    SYNTH_HCL_OUTPUT: "true",
  });
  run(`node cli/launch.mjs freehold synth ${stackFile} --out "${join(folder, "freehold")}"`, {});
  const written = filesBelow(join(folder, "cdktf"));
  expect(Object.keys(written)).toEqual(
    expect.arrayContaining(["manifest.json", "stacks/inference/cdk.tf.json", "stacks/platform/cdk.tf.json"]),
  );
  expect(written).toEqual(filesBelow(join(folder, "freehold")));
});
