import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codes } from "../../config/diagnostics/codes.ts";

const bootstrap = fileURLToPath(new URL("../../cli/bootstrap", import.meta.url));
let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "freehold-bootstrap-"));
  cpSync(bootstrap, join(root, "cli", "bootstrap"), { recursive: true });
  writeFileSync(join(root, "package.json"), "{}");
  writeFileSync(join(root, "package-lock.json"), "{}");
  mkdirSync(join(root, "node_modules"));
  mkdirSync(join(root, "bin"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** An npm that notes each call and then does what the script says. */
function installNpm(script: string): void {
  const path = join(root, "bin", "npm");
  writeFileSync(path, `#!/bin/sh\necho "$@" >> '${root}/calls'\n${script}\n`);
  chmodSync(path, 0o755);
}

function callsOfNpm(): number {
  return existsSync(join(root, "calls")) ? readFileSync(join(root, "calls"), "utf8").trim().split("\n").length : 0;
}

/** Runs an entry as `freehold` and cdktf do, in the checkout. */
function launch(): { status: number | null; stderr: string } {
  cpSync(join(bootstrap, "../launch.mjs"), join(root, "cli/launch.mjs"));
  return spawnSync(process.execPath, [join(root, "cli/launch.mjs"), "freehold", "--help"], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${root}/bin:/usr/bin:/bin` },
  });
}

/** Runs the bootstrap's install step in the checkout, in a process of its own as in real life. */
function install(): { status: number | null; stderr: string } {
  const module = pathToFileURL(join(root, "cli/bootstrap/dependencies.mjs")).href;
  const program = `const { installDependencies } = await import(${JSON.stringify(module)});
    try { await installDependencies(); } catch (error) { console.error(error.message); process.exitCode = 1; }`;
  return spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${root}/bin:/usr/bin:/bin` },
  });
}

describe("Node.js", () => {
  const check = (version: string) => {
    const module = pathToFileURL(join(bootstrap, "node-version.mjs")).href;
    const program = `(await import(${JSON.stringify(module)})).requireNode(${JSON.stringify(version)})`;
    return spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  };

  it.each(["18.20.4", "20.8.1", "16.0.0"])("rejects %s in one clear sentence, with the texts of RUN-101", (version) => {
    const { status, stderr } = check(version);
    const { title, why, fix } = codes["RUN-101"];
    expect(status).toBe(1);
    expect(stderr).toContain(`node  RUN-101  ${title({ version })}`);
    expect(stderr).toContain(`  Why: ${why({ version })}\n  Fix: ${fix({ version })}\n`);
  });

  it.each(["20.9.0", "20.20.2", "22.0.0", "24.1.0"])("takes %s", (version) => {
    expect(check(version)).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("installing packages", () => {
  it("runs npm ci once, and again only when the lock file changes", () => {
    installNpm("exit 0");
    expect(install().status).toBe(0);
    expect(install()).toMatchObject({ status: 0, stderr: "" });
    expect(callsOfNpm()).toBe(1);
    writeFileSync(join(root, "package-lock.json"), '{"lockfileVersion": 3}');
    expect(install().status).toBe(0);
    expect(callsOfNpm()).toBe(2);
  });

  it.each([
    ["echo 'npm error code ENOTFOUND' >&2; exit 1", "The npm registry could not be reached."],
    ["echo 'npm error nospc ENOSPC: no space left on device' >&2; exit 1", "The disk is full."],
    ["echo 'npm error code EUSAGE' >&2; exit 1", "npm ci ended with an error."],
  ])("rejects a failing npm with its reason and starts over the next time: %s", (script, why) => {
    installNpm(script);
    const { status, stderr } = install();
    expect(status).toBe(1);
    expect(stderr).toContain(`npm  RUN-102  ${codes["RUN-102"].title({ problem: "" })}`);
    expect(stderr).toContain(`  Why: ${why}`);
    expect(stderr).not.toContain("    at ");
    installNpm("exit 0");
    expect(install().status).toBe(0);
    expect(callsOfNpm()).toBe(2);
  });

  it("starts over after npm was killed in the middle", () => {
    installNpm("kill -9 $$");
    expect(install().stderr).toContain("npm was stopped by SIGKILL.");
    installNpm("exit 0");
    expect(install().status).toBe(0);
  });
});

describe("launching", () => {
  it("says why packages cannot be installed, without a stack trace", () => {
    installNpm("echo 'npm error code ENOTFOUND' >&2; exit 1");
    const { status, stderr } = launch();
    expect(status).toBe(1);
    expect(stderr).toContain("npm  RUN-102");
    expect(stderr).not.toContain("    at ");
  });

  it("says why the product cannot be built, with the texts of RUN-113", () => {
    installNpm("exit 0");
    for (const folder of ["charts", "cli", "config", "decisions", "local-cluster", "stacks"]) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    writeFileSync(join(root, ".freehold"), "a file where a folder is wanted");
    const { status, stderr } = launch();
    const { title, why, fix } = codes["RUN-113"];
    const parameters = { path: "dist", problem: "not a directory" };
    expect(status).toBe(1);
    expect(stderr).toContain(`dist  RUN-113  ${title(parameters)}`);
    expect(stderr).toContain(`  Why: ${why(parameters)}\n  Fix: ${fix(parameters)}\n`);
    expect(stderr).not.toContain("    at ");
  });
});
