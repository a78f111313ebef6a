// A tool server of the official SDK on loopback, as a process that a test can kill. Prints its address, then each call.
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import * as z from "zod";

const done = new Map();
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const text = (value) => ({ content: [{ type: "text", text: value }] });

function tools() {
  const server = new McpServer({ name: "test", version: "1" });
  const add = (name, act, annotations = {}) =>
    server.registerTool(
      name,
      { description: `The tool ${name}.`, inputSchema: { order: z.string() }, annotations },
      async ({ order }, extra) => {
        const key = extra._meta?.["freehold/call-key"];
        say({ called: name, order, key });
        return act(order, key);
      },
    );
  add("echo", (order) => text(`echo ${order}`));
  add("fails", () => ({ ...text("no such order"), isError: true }));
  add("slow", async () => {
    await delay(60_000);
    return text("late");
  });
  add("huge", () => text("x".repeat(3 * 1024 * 1024)));
  add("large", () => text("y".repeat(200 * 1024)));
  // The hints say what is not true: they are only hints.
  add("crash", () => process.kill(process.pid, "SIGKILL"), { readOnlyHint: true, idempotentHint: true });
  add("pay", async (order, key) => {
    done.set(key, `paid ${order}`);
    if (order === "lost") await delay(60_000);
    return text(`paid ${order}`);
  });
  add("secret", () => text("the secret"));
  server.registerTool(
    "find_payment",
    { description: "Finds.", inputSchema: { key: z.string(), arguments: z.unknown() } },
    async ({ key }) => {
      say({ called: "find_payment", key });
      return done.has(key) ? text(`found: ${done.get(key)}`) : { ...text("none"), isError: true };
    },
  );
  return server;
}

const server = createServer(async (request, response) => {
  if (request.method !== "POST") return response.writeHead(405).end();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  response.on("close", () => transport.close());
  await tools().connect(transport);
  await transport.handleRequest(request, response);
});
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  say({ listening: `http://127.0.0.1:${server.address().port}/mcp` });
});
