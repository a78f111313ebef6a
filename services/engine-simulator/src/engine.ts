import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Answer } from "./answer.ts";
import { EngineMetrics } from "./engine-metrics.ts";
import type { EngineOptions } from "./engine-options.ts";
import { type Fault, FaultQueue, parseFault } from "./fault.ts";
import { Generation } from "./generation.ts";
import { type GenerationRequest, openEnded, RequestError, readChat, readCompletion } from "./generation-request.ts";
import { Generator, scriptedAnswer } from "./generator.ts";
import { Scheduler } from "./scheduler.ts";
import { decode, encode } from "./vocabulary.ts";

const version = "0.33.0";
const embeddingDimensions = 64;

/** An engine that speaks like vLLM and has no model behind it. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #scheduler: Scheduler;
  readonly #metrics = new EngineMetrics();
  readonly #faults = new FaultQueue();
  readonly #readyAt: number;
  /** What arrived, newest last, so that a test can see what was sent to an engine. */
  readonly #seen: { path: string; headers: IncomingMessage["headers"]; body: unknown }[] = [];
  #connections = 0;
  readonly server: Server;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#scheduler = new Scheduler(options);
    this.#readyAt = performance.now() + options.loadSeconds * 1000;
    this.server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        const status = error instanceof RequestError ? error.status : 500;
        sendError(response, status, error instanceof Error ? error.message : String(error));
      });
    });
    this.server.on("connection", () => {
      this.#connections += 1;
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://engine").pathname;
    if (path.startsWith("/sim/")) return this.#control(path, request, response);
    if (performance.now() < this.#readyAt) return sendError(response, 503, "The model is loading.");
    if (path === "/health") return void response.writeHead(200).end();
    if (path === "/version") return sendJson(response, { version });
    if (path === "/metrics") {
      const text = this.#metrics.render(this.#options.model, this.#scheduler);
      return void response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(text);
    }
    if (path.startsWith("/v1/") && this.#options.apiKey !== null) {
      if (request.headers.authorization !== `Bearer ${this.#options.apiKey}`)
        return sendError(response, 401, "Unauthorized");
    }
    if (path === "/v1/models") return sendJson(response, { object: "list", data: this.#models() });
    if (request.method !== "POST") return sendError(response, 404, "Not Found");
    const body = await readJson(request);
    this.#seen.push({ path, headers: request.headers, body });
    if (this.#seen.length > 200) this.#seen.shift();
    switch (path) {
      case "/v1/chat/completions":
        return this.#generate(readChat(body), request, response);
      case "/v1/completions":
        return this.#generate(readCompletion(body), request, response);
      case "/v1/embeddings":
        return this.#embed(body, response);
      case "/tokenize":
        return sendJson(response, { tokens: encode(String(body.prompt)), max_model_len: this.#options.maxModelTokens });
      case "/detokenize":
        return sendJson(response, { prompt: decode(body.tokens as number[]) });
      default:
        return sendError(response, 404, "Not Found");
    }
  }

  #models(): object[] {
    return [this.#options.model, ...this.#options.adapters].map((id, index) => ({
      id,
      object: "model",
      created: 0,
      owned_by: "engine-simulator",
      root: this.#options.weights,
      parent: index === 0 ? null : this.#options.model,
      max_model_len: this.#options.maxModelTokens,
    }));
  }

  #requireModel(model: string): void {
    if (model === this.#options.model || this.#options.adapters.includes(model)) return;
    throw new RequestError(404, `The model \`${model}\` does not exist.`);
  }

  #generate(asked: GenerationRequest, request: IncomingMessage, response: ServerResponse): void {
    const { weights, accuracy, maxModelTokens, poison, gradesDown } = this.#options;
    const room = maxModelTokens - asked.prompt.length;
    const generation = asked.maxTokens === openEnded ? { ...asked, maxTokens: Math.max(0, room) } : asked;
    this.#requireModel(generation.model);
    if (
      generation.prompt.length + generation.maxTokens > maxModelTokens ||
      !this.#scheduler.fits(generation.prompt.length)
    ) {
      throw new RequestError(400, `This model's maximum context length is ${maxModelTokens} tokens.`);
    }
    const fault = this.#faultOf(request);
    if (fault?.kind === "drop") return void request.socket.destroy();
    if (fault?.kind === "status") {
      response.setHeader("retry-after", "1");
      sendError(response, fault.status, `Fault on command: ${fault.status}.`);
      return;
    }
    if (poison !== null && decode(generation.prompt).includes(poison)) process.kill(process.pid, "SIGKILL");

    const isAdapter = generation.model !== this.#options.model;
    const served = fault?.kind === "wrong-version" ? `other than ${weights}` : weights;
    const answering = isAdapter ? `${served}+${generation.model}` : served;
    const grade = gradesDown === null ? null : encode(decode(generation.prompt).includes(gradesDown) ? "2" : "9");
    const answers = Array.from({ length: generation.choices }, (_, index) => {
      const script =
        (grade === null ? null : [...grade]) ??
        generation.dictated ??
        scriptedAnswer(generation.prompt, served, accuracy, encode);
      const generator = new Generator(generation.prompt, answering, generation.seed + index * 7919, script);
      return new Answer(generator, generation);
    });
    new Generation({
      request: generation,
      envelope: {
        id: `${generation.kind === "chat" ? "chatcmpl" : "cmpl"}-${randomUUID()}`,
        created: Math.floor(Date.now() / 1000),
        model: generation.model,
      },
      answers,
      fault,
      response,
      scheduler: this.#scheduler,
      metrics: this.#metrics,
    }).start();
  }

  #faultOf(request: IncomingMessage): Fault | null {
    const header = request.headers["x-sim-fault"];
    if (typeof header !== "string") return this.#faults.take();
    const fault = parseFault(JSON.parse(header));
    if (typeof fault === "string") throw new RequestError(400, fault);
    return fault;
  }

  #embed(body: Record<string, unknown>, response: ServerResponse): void {
    this.#requireModel(String(body.model));
    const inputs = (Array.isArray(body.input) ? body.input : [body.input]).map(String);
    const tokens = inputs.reduce((sum, input) => sum + encode(input).length, 0);
    const data = inputs.map((input, index) => {
      const digest = createHash("sha512").update(`${this.#options.weights}/${input}`).digest();
      const raw = Array.from({ length: embeddingDimensions }, (_, at) => ((digest[at] ?? 0) - 127.5) / 127.5);
      const length = Math.hypot(...raw);
      const vector = raw.map((value) => value / length);
      const embedding =
        body.encoding_format === "base64" ? Buffer.from(new Float32Array(vector).buffer).toString("base64") : vector;
      return { object: "embedding", index, embedding };
    });
    sendJson(response, {
      object: "list",
      model: body.model,
      data,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    });
  }

  async #control(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (path === "/sim/faults" && request.method === "DELETE") {
      this.#faults.clear();
      this.#scheduler.thaw();
      return sendJson(response, {});
    }
    if (path === "/sim/faults" && request.method === "POST") {
      const body = await readJson(request);
      const fault = parseFault(body);
      if (typeof fault === "string") return sendError(response, 400, fault);
      this.#faults.add(fault, typeof body.times === "number" ? body.times : 1);
      return sendJson(response, {});
    }
    if (path === "/sim/seen") {
      return sendJson(response, {
        connections: this.#connections,
        faultsWaiting: this.#faults.waiting,
        requests: this.#seen,
      });
    }
    return sendError(response, 404, "Not Found");
  }
}

function sendJson(response: ServerResponse, value: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function sendError(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) return void response.destroy();
  const type = status === 400 ? "BadRequestError" : status === 404 ? "NotFoundError" : "InternalServerError";
  const body = JSON.stringify({ error: { message, type, param: null, code: status } });
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, unknown>;
  } catch {
    throw new RequestError(400, "The body is not JSON.");
  }
}
