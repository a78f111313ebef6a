import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ApiError } from "./api-error.ts";
import { type BlockBudget, blockBudgetOf } from "./block-budget.ts";
import { DividedBudget } from "./day-budget.ts";
import { Escalations } from "./escalation/escalations.ts";
import { FirstTokenWatch } from "./escalation/first-token-watch.ts";
import { exchange, type ProcessState } from "./exchange.ts";
import { type Generation, generationOf, release } from "./generation.ts";
import { HeldAnswers } from "./held-answers.ts";
import { readJson, refuse } from "./http-message.ts";
import type { Caller } from "./identity.ts";
import { type Certificate, certificateOf, Listeners } from "./listeners.ts";
import { Metrics } from "./metrics.ts";
import { PoisonWatch } from "./poison.ts";
import { promptTokensOf } from "./prompt-estimate.ts";
import { ReplicaPool } from "./replica-pool.ts";
import { checkedBody, type Route } from "./request-fields.ts";
import { permitFor } from "./residency-gate.ts";
import { RetryBudget } from "./retry-budget.ts";
import type { Settings } from "./settings.ts";
import { Telemetry } from "./telemetry.ts";
import { TenantLedger } from "./tenant-limits.ts";

/** Every path there is, byte for byte: `//`, `%2e`, `;`, other case or a query make another path. */
const routes: Readonly<Record<string, Route>> = {
  "/v1/chat/completions": "chat",
  "/v1/completions": "completion",
  "/v1/embeddings": "embedding",
};

/** The door to every model. */
export class Gateway {
  #generation: Generation;
  readonly metrics = new Metrics();
  readonly #blocks: BlockBudget | null;
  readonly #state: ProcessState;
  #isDraining = false;
  readonly listeners: Listeners;

  private constructor(generation: Generation, replicas: ReplicaPool, certificate: Certificate | null) {
    this.#generation = generation;
    const { telemetry } = generation.settings;
    const onLost = (spans: number) => this.metrics.spansLost.add({}, spans);
    const clock = () => performance.now();
    this.#blocks = blockBudgetOf(generation.settings, today, (outcome) => this.metrics.budgetBlocks.add({ outcome }));
    this.#state = {
      replicas,
      retryBudget: new RetryBudget(),
      poison: new PoisonWatch(clock),
      firstTokens: new FirstTokenWatch(clock),
      metrics: this.metrics,
      telemetry: telemetry === undefined ? null : new Telemetry(telemetry, onLost),
      ledger: new TenantLedger(clock, this.#blocks ?? new DividedBudget(today)),
      held: new HeldAnswers(),
      escalations: new Escalations(today),
      relays: new Set(),
    };
    this.listeners = new Listeners(certificate, (request, response) => void this.#receive(request, response));
  }

  static async open(settings: Settings): Promise<Gateway> {
    const replicas = new ReplicaPool(() => performance.now());
    const generation = await generationOf(settings, replicas, null);
    const gateway = new Gateway(generation, replicas, await certificateOf(settings));
    await gateway.#blocks?.prepare(settings);
    return gateway;
  }

  /** Settings for all requests from now on; those under way end with the ones they began with. */
  async use(settings: Settings): Promise<void> {
    await this.listeners.use(settings);
    const next = await generationOf(settings, this.#state.replicas, this.#generation.directory);
    await this.#blocks?.prepare(settings);
    const previous = this.#generation;
    this.#generation = next;
    previous.isSuperseded = true;
    release(previous, 0);
  }

  /** A process that answers is alive: it works in the same loop. */
  readonly isAlive = true;

  get isReady(): boolean {
    return !this.#isDraining;
  }

  metricsText(): string {
    return this.metrics.render();
  }

  /** Takes no more requests, waits for what is under way, and ends with a typed error what outlasts the time. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    const until = performance.now() + this.#generation.settings.deadlines.drainMilliseconds;
    while (this.#state.relays.size > 0 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20));
    for (const relay of this.#state.relays) relay.interrupt();
    this.listeners.closeIdle();
    await new Promise((resolve) => setTimeout(resolve, 50));
    this.listeners.close();
    await Promise.all([this.#blocks?.close(), this.#state.telemetry?.exporter.close()]);
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = request.headers["x-request-id"];
    const requestId = typeof given === "string" && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
    response.setHeader("x-request-id", requestId);
    if (this.#isDraining) response.setHeader("connection", "close");
    const generation = this.#generation;
    generation.users += 1;
    try {
      await this.#answer(generation, requestId, request, response);
    } catch (error) {
      const known =
        error instanceof ApiError
          ? error
          : new ApiError(500, "gateway_fault", "The gateway has a fault; the request id helps to find it.");
      if (known.code === "gateway_fault")
        console.error(JSON.stringify({ level: "error", requestId, fault: String((error as Error)?.stack ?? error) }));
      this.metrics.refusals.add({ code: known.code, rule: known.reason ?? "" });
      refuse(response, known, requestId);
      // What the caller still sends is not read.
      if (!request.complete) request.destroy();
    } finally {
      release(generation, 1);
    }
  }

  async #answer(
    generation: Generation,
    requestId: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { settings, identity } = generation;
    const path = request.url ?? "";
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route === undefined && path !== "/v1/models")
      throw new ApiError(404, "path_unknown", "There is nothing at this path.");
    if (request.method !== (route === undefined ? "GET" : "POST"))
      throw new ApiError(405, "method_not_allowed", "This path does not take this method.");
    if (this.#isDraining)
      throw new ApiError(503, "draining", "This replica is stopping; another one answers.", { retryAfterSeconds: 1 });
    const caller = await identity.caller(request.headers);
    if (route === undefined) {
      listModels(settings, caller, response);
      return;
    }
    const permit = permitFor(settings, caller);
    const lastEventId = request.headers["last-event-id"];
    if (typeof lastEventId === "string") {
      request.resume();
      this.#state.held.readOn(
        lastEventId,
        caller,
        settings.dataClasses[caller.dataClass]?.keepAnswers === true,
        response,
      );
      return;
    }
    const { value, bytes } = await readJson(request, settings.bounds.bodyBytes);
    const body = checkedBody(route, value, { ...settings.bounds, mediaHosts: settings.mediaHosts });
    const promptTokensEstimate = promptTokensOf(body, bytes);
    const asked = { requestId, route, caller, permit, body, promptTokensEstimate, request, response };
    await exchange(this.#state, generation, asked);
  }
}

const today = () => new Date().toISOString().slice(0, 10);

function listModels(settings: Settings, caller: Caller, response: ServerResponse): void {
  const names = (settings.tenants[caller.tenant]?.models ?? []).filter((name) => Object.hasOwn(settings.models, name));
  const data = names.map((id) => ({ id, object: "model", created: 0, owned_by: "freehold" }));
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ object: "list", data }));
}
