import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One scripted answer: text in pieces, or calls of tools; `cut` ends the stream without a finish. */
export interface Answer {
  text?: string[];
  calls?: { id: string; name: string; args: unknown }[];
  cut?: boolean;
}

export interface ModelRequest {
  headers: IncomingMessage["headers"];
  body: { messages: { role: string; content: string }[]; tools?: { function: { name: string } }[] };
}

/** An OpenAI-compatible model on loopback that answers what `script` says, and a tool that counts its calls. */
export async function startModelServer(script: (request: ModelRequest) => Answer | Promise<Answer>) {
  const requests: ModelRequest[] = [];
  const toolCalls: unknown[] = [];
  const gates = new Map<string, Promise<void>>();
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await textOf(request));
    if (request.url?.startsWith("/tool")) {
      toolCalls.push(body);
      await gates.get("tool");
      response.end(JSON.stringify({ done: toolCalls.length }));
      return;
    }
    const seen = { headers: request.headers, body };
    requests.push(seen);
    send(response, await script(seen));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${url}/v1`,
    toolUrl: `${url}/tool`,
    requests,
    toolCalls,
    /** Tool calls are recorded and then wait until the returned function is called. */
    holdTools(): () => void {
      let release = () => {};
      gates.set("tool", new Promise((resolve) => (release = resolve)));
      return () => {
        gates.delete("tool");
        release();
      };
    },
    stop() {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const chunk = (delta: object, finish: string | null = null) =>
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
  for (const content of answer.text ?? []) chunk({ content });
  const calls = answer.calls ?? [];
  if (calls.length > 0) {
    chunk({
      tool_calls: calls.map((call, index) => ({
        index,
        id: call.id,
        type: "function",
        function: { name: call.name, arguments: JSON.stringify(call.args) },
      })),
    });
  }
  if (answer.cut !== true) {
    chunk({}, calls.length > 0 ? "tool_calls" : "stop");
    response.write("data: [DONE]\n\n");
  }
  response.end();
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += part;
  return text;
}
