import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The official server of the same wire format in the same language. Installed for the figures alone: the project does not depend on it. */
const name = "@langchain/langgraph-api";
const version = "2.0.0";
/** Its own dependencies are ranges: as they stood on this day. */
const asOf = "2026-11-17";
/** What it wants beside it, in the orchestrator's versions where that has them. */
const beside = [
  "@langchain/core@1.4.0",
  "@langchain/langgraph@1.7.3",
  "@langchain/langgraph-checkpoint@1.2.2",
  "@langchain/langgraph-sdk@2.0.0",
  "typescript@5.9.3",
];

const folder = fileURLToPath(new URL(`../../../.freehold/peers/langgraph-api-${version}/`, import.meta.url));

interface Peer {
  url: string;
  process: ChildProcess;
  /** Sends the signal and waits for the end. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

export const peerName = `langgraph-api ${version}`;

/** A function that starts the peer on a port with its data in a folder; null where it cannot be installed. */
export function installPeer(): typeof start | null {
  if (!existsSync(join(folder, "node_modules", name, "package.json"))) {
    mkdirSync(folder, { recursive: true });
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--legacy-peer-deps", "--save-exact"];
    const packages = [`${name}@${version}`, ...beside];
    const args = ["install", "--prefix", folder, ...options, `--before=${asOf}`, ...packages];
    if (spawnSync("npm", args, { stdio: "pipe" }).status !== 0) return null;
  }
  for (const file of ["graphs.mjs", "peer-graphs.mjs", "peer-server.mjs"]) {
    copyFileSync(new URL(file, import.meta.url), join(folder, file));
  }
  return start;
}

async function start(port: number, dataFolder: string): Promise<Peer> {
  mkdirSync(dataFolder, { recursive: true });
  const graphs = join(folder, "peer-graphs.mjs");
  const named = Object.fromEntries(["steps", "talk", "wait"].map((graph) => [graph, `${graphs}:${graph}`]));
  const args = [join(folder, "peer-server.mjs"), String(port), dataFolder, JSON.stringify(named)];
  const environment = { ...process.env, NODE_ENV: "production", LOG_LEVEL: "error", LANGCHAIN_TRACING_V2: "false" };
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "ignore"], env: environment });
  const ended = once(child, "exit");
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (part) => {
      if (String(part).includes("listening\n")) resolve();
    });
    child.on("exit", (status) => reject(new Error(`${peerName} ended with ${status} before it listened.`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    process: child,
    async end(signal) {
      child.kill(signal);
      await ended;
    },
  };
}
