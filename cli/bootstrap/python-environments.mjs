import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./checkout.mjs";

/** Path of a Python that has what test/requirements.txt pins; null where it cannot be had. */
export function testPython() {
  return program("python3", {
    name: "test-python",
    requirements: join(root, "test", "requirements.txt"),
    label: "the Python packages of the tests",
  });
}

/** Path of Checkov as test/judges/requirements.txt pins it; null where it cannot be had. */
export function checkov() {
  return program("checkov", {
    name: "judges-python",
    requirements: join(root, "test", "judges", "requirements.txt"),
    label: "Checkov, which judges the output",
  });
}

/**
 * A program of a virtual environment of this checkout, which is made new when its requirements change; null with a
 * sentence on stderr where there is no usable python3. Tests that need it then say that they did not run.
 */
function program(command, { name, requirements, label }) {
  const folder = join(root, ".freehold", name);
  const python = join(folder, "bin", "python3");
  const stampPath = join(folder, "freehold-installed");
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  if (readStamp(stampPath) === wanted) return join(folder, "bin", command);

  process.stderr.write(`Installing ${label}\n`);
  rmSync(folder, { recursive: true, force: true });
  const steps = [
    ["python3", ["-m", "venv", folder]],
    [python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements]],
  ];
  for (const [step, args] of steps) {
    const result = spawnSync(step, args, { encoding: "utf8", timeout: 300_000 });
    if (result.status !== 0) {
      const reason = result.error?.message ?? result.stderr.trim().split("\n").at(-1);
      process.stderr.write(`  not done, tests that need them are skipped: ${reason}\n`);
      return null;
    }
  }
  writeFileSync(stampPath, wanted);
  return join(folder, "bin", command);
}

function readStamp(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
