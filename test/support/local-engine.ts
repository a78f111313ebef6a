import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";

const report = fileURLToPath(new URL("../../.freehold/engine/report.json", import.meta.url));

/** A llama.cpp server with a small model, on loopback, under the model name `chat`. */
export interface LocalEngine {
  readonly url: string;
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Why there is no real engine here; null where there is one. */
export function localEngineObstacle(): string | null {
  try {
    const { fault } = JSON.parse(readFileSync(report, "utf8")) as { fault: string | null };
    return fault === null ? null : `llama.cpp does not run here: ${fault}`;
  } catch {
    return "llama.cpp is not installed: npm run engine:install";
  }
}

export async function startLocalEngine(): Promise<LocalEngine> {
  const { server, model } = JSON.parse(readFileSync(report, "utf8")) as { server: string; model: string };
  const port = await freePort();
  const flags = ["--threads", "2", "--ctx-size", "8192", "--parallel", "2", "--no-webui", "--jinja", "--embeddings"];
  const args = [
    "--model",
    model,
    "--alias",
    "chat",
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--pooling",
    "mean",
  ];
  const child = spawn(server, [...args, ...flags], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`llama.cpp ended with ${child.signalCode ?? child.exitCode}`);
    const response = await fetch(`${url}/health`).catch(() => null);
    if (response?.status === 200) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, signal: (signal) => void child.kill(signal), stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
