import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./checkout.mjs";

/**
 * Path of a Python that has what test/requirements.txt pins, in a virtual environment of this checkout; null with a
 * sentence on stderr where there is no usable python3. Tests that need it then say that they did not run.
 */
export function testPython() {
  const folder = join(root, ".freehold", "test-python");
  const python = join(folder, "bin", "python3");
  const stampPath = join(folder, "freehold-installed");
  const requirements = join(root, "test", "requirements.txt");
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  if (readStamp(stampPath) === wanted) return python;

  process.stderr.write("Installing the Python packages of the tests\n");
  rmSync(folder, { recursive: true, force: true });
  const steps = [
    ["python3", ["-m", "venv", folder]],
    [python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements]],
  ];
  for (const [command, args] of steps) {
    const result = spawnSync(command, args, { encoding: "utf8", timeout: 300_000 });
    if (result.status !== 0) {
      const reason = result.error?.message ?? result.stderr.trim().split("\n").at(-1);
      process.stderr.write(`  not done, tests that need them are skipped: ${reason}\n`);
      return null;
    }
  }
  writeFileSync(stampPath, wanted);
  return python;
}

function readStamp(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
