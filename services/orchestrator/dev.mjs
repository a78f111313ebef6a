// One replica on the embedded database, for a laptop: bundles the service, writes settings and prints how to ask it.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import buildServices, { serviceBundle } from "../build.mjs";

const [modelUrl, model = "chat"] = process.argv.slice(2);
if (modelUrl === undefined) {
  process.stderr.write(
    "Usage: npm run dev:orchestrator -- MODEL_URL [MODEL]\n\n" +
      "MODEL_URL is the base of an OpenAI-compatible API, as http://127.0.0.1:8080/v1.\n",
  );
  process.exit(1);
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, ".freehold", "orchestrator");
mkdirSync(folder, { recursive: true });
await buildServices();
const settings = join(folder, "settings.json");
writeFileSync(
  settings,
  JSON.stringify({
    listen: { port: await freePortNear(2024) },
    storage: { kind: "embedded", folder: join(folder, "data") },
    agents: { support: { graph: "support", settings: { model: { url: modelUrl, model, dataClass: "public" } } } },
  }),
);

const replica = spawn(process.execPath, [serviceBundle("orchestrator"), settings], {
  stdio: ["ignore", "pipe", "inherit"],
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => replica.kill("SIGTERM"));
replica.on("close", (status) => process.exit(status ?? 1));
for await (const line of createInterface({ input: replica.stdout })) {
  const { url } = JSON.parse(line);
  const body = {
    assistant_id: "support",
    input: { messages: [{ role: "human", content: "Hello" }] },
    stream_mode: "messages-tuple",
  };
  process.stdout.write(
    `Ready at ${url}. Ask:\n\n` +
      `  curl -N ${url}/runs/stream -H 'content-type: application/json' -d '${JSON.stringify(body)}'\n\n` +
      `A chat UI for LangGraph servers connects with the deployment URL ${url} and the assistant support.\n`,
  );
}

/** The port where chat UIs look first; 0, which is any free one, where another process has it. */
function freePortNear(preferred) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(0));
    server.listen(preferred, "127.0.0.1", () => server.close(() => resolve(preferred)));
  });
}
