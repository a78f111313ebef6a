// Runs the agent in a real replica against a model that says what the test wants: node --test FOLDER
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const program =
  process.env.FREEHOLD_ORCHESTRATOR ??
  fileURLToPath(new URL("../../../../.freehold/services/orchestrator.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "custom-agent-"));
let answers = [];
let model;
let replica;
let url;

before(async () => {
  model = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    const delta = { content: answers.shift() };
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: "stop" }] })}\n\n`);
    response.end("data: [DONE]\n\n");
  });
  model.listen(0, "127.0.0.1");
  await once(model, "listening");
  const settings = {
    listen: { port: 0 },
    storage: { kind: "embedded", folder: join(folder, "data") },
    graphs: { triage: fileURLToPath(new URL(".", import.meta.url)) },
    agents: {
      triage: {
        graph: "triage",
        settings: {
          model: { url: `http://127.0.0.1:${model.address().port}/v1`, model: "chat", dataClass: "internal" },
          queues: { billing: "invoices and refunds", technical: "errors and outages" },
        },
      },
    },
  };
  writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
  replica = spawn(process.execPath, [program, join(folder, "settings.json")], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: replica.stdout })) {
    url = JSON.parse(line).url;
    break;
  }
  assert.ok(url, `${program} did not start; is it built? node services/build.mjs`);
});

after(async () => {
  replica?.kill("SIGTERM");
  if (replica) await once(replica, "exit");
  model.close();
  rmSync(folder, { recursive: true, force: true });
});

async function triage(input) {
  const body = JSON.stringify({ assistant_id: "triage", input });
  const answer = await fetch(`${url}/runs/wait`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  return answer.json();
}

test("chooses a queue of the settings", async () => {
  answers = ['{"queue":"billing","reason":"It asks for a refund."}'];
  const { queue, reason } = await triage({ text: "My invoice is wrong." });
  assert.deepEqual([queue, reason], ["billing", "It asks for a refund."]);
});

test("never returns a queue that does not exist", async () => {
  answers = ['{"queue":"sales","reason":"?"}', '{"queue":"sales","reason":"?"}'];
  const { __error__: error } = await triage({ text: "My invoice is wrong." });
  assert.equal(error.error, "AnswerDoesNotFit");
});

test("says what its input needs", async () => {
  const { __error__: error } = await triage({});
  assert.equal(error.message, "The input needs `text`.");
});
