import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("mcp-program.mjs", import.meta.url));

export interface ToolServerCall {
  called: string;
  order?: string;
  key?: string;
}

/** A real MCP server as a process of its own on loopback. */
export interface ToolServer {
  url: string;
  /** What its tools were asked, in order, over its whole life. */
  calls: ToolServerCall[];
  process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts it on a free port, or on the port of one that has gone. */
export async function startToolServer(port = 0): Promise<ToolServer> {
  const child = spawn(process.execPath, [program, String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  const calls: ToolServerCall[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    child.on("exit", () => reject(new Error("The tool server ended before it listened.")));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const said = JSON.parse(line) as ToolServerCall & { listening?: string };
      if (said.listening === undefined) calls.push(said);
      else resolve(said.listening);
    });
  });
  return {
    url,
    calls,
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
