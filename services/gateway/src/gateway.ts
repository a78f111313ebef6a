import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { contextHeaders, readContext } from "../../shared/src/trace-context.ts";
import { AnswerSink } from "./answer-sink.ts";
import { ApiError } from "./api-error.ts";
import { type BlockBudget, blockBudgetOf } from "./block-budget.ts";
import { Continuation, ineligibility } from "./continuation.ts";
import { DividedBudget } from "./day-budget.ts";
import { continuationOf, engineBody } from "./engine-body.ts";
import { Escalations, unavailable } from "./escalation/escalations.ts";
import { FirstTokenSink } from "./escalation/first-token-sink.ts";
import { FirstTokenWatch } from "./escalation/first-token-watch.ts";
import { replay } from "./escalation/replay.ts";
import { billStage, costUsd, countStage, type Stage, stageHeaders } from "./escalation/stage.ts";
import { type Generation, generationOf, release } from "./generation.ts";
import { HeldAnswers } from "./held-answers.ts";
import { readJson, refuse } from "./http-message.ts";
import type { Caller } from "./identity.ts";
import { type Certificate, certificateOf, Listeners } from "./listeners.ts";
import { Metrics } from "./metrics.ts";
import { PoisonWatch } from "./poison.ts";
import { Relay } from "./relay.ts";
import { ReplicaPool } from "./replica-pool.ts";
import { checkedBody, type Json, type Route } from "./request-fields.ts";
import { type Permit, permitFor } from "./residency-gate.ts";
import { RetryBudget } from "./retry-budget.ts";
import type { Settings } from "./settings.ts";
import type { Surroundings } from "./surroundings.ts";
import { Telemetry } from "./telemetry.ts";
import { TenantLedger } from "./tenant-limits.ts";
import { chooseVersion, prefixOf } from "./version-choice.ts";

/** Every path there is, byte for byte: `//`, `%2e`, `;`, other case or a query make another path. */
const routes: Readonly<Record<string, Route>> = {
  "/v1/chat/completions": "chat",
  "/v1/completions": "completion",
  "/v1/embeddings": "embedding",
};

/** Tokens set aside for an answer whose length the caller leaves open. */
const assumedAnswerTokens = 1024;
const charactersPerToken = 4;

/** The door to every model. */
export class Gateway {
  #generation: Generation;
  readonly metrics = new Metrics();
  readonly #replicas: ReplicaPool;
  readonly #retryBudget = new RetryBudget();
  readonly #poison = new PoisonWatch(() => performance.now());
  readonly #telemetry: Telemetry | null;
  readonly #blocks: BlockBudget | null;
  readonly #ledger: TenantLedger;
  readonly #held = new HeldAnswers();
  readonly #firstTokens = new FirstTokenWatch(() => performance.now());
  readonly #escalations = new Escalations(today);
  readonly #relays = new Set<Relay>();
  #isDraining = false;
  readonly listeners: Listeners;

  private constructor(generation: Generation, replicas: ReplicaPool, certificate: Certificate | null) {
    this.#generation = generation;
    this.#replicas = replicas;
    const { telemetry } = generation.settings;
    const onLost = (spans: number) => this.metrics.spansLost.add({}, spans);
    this.#telemetry = telemetry === undefined ? null : new Telemetry(telemetry, onLost);
    this.#blocks = blockBudgetOf(generation.settings, today, (outcome) => this.metrics.budgetBlocks.add({ outcome }));
    this.#ledger = new TenantLedger(() => performance.now(), this.#blocks ?? new DividedBudget(today));
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
    const next = await generationOf(settings, this.#replicas, this.#generation.directory);
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
    while (this.#relays.size > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const relay of this.#relays) relay.interrupt();
    this.listeners.closeIdle();
    await new Promise((resolve) => setTimeout(resolve, 50));
    this.listeners.close();
    await Promise.all([this.#blocks?.close(), this.#telemetry?.exporter.close()]);
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
      this.#held.readOn(lastEventId, caller, settings.dataClasses[caller.dataClass]?.keepAnswers === true, response);
      return;
    }
    const raw = await readJson(request, settings.bounds.bodyBytes);
    const body = checkedBody(route, raw, { ...settings.bounds, mediaHosts: settings.mediaHosts });
    await this.#relay(generation, { requestId, route, caller, permit, body, request, response });
  }

  async #relay(
    generation: Generation,
    parts: {
      requestId: string;
      route: Route;
      caller: Caller;
      permit: Permit;
      body: Json;
      request: IncomingMessage;
      response: ServerResponse;
    },
  ): Promise<void> {
    const { settings, dialler, directory, redactor } = generation;
    const { requestId, route, caller, permit, body, request, response } = parts;
    const modelName = body.model as string;
    const tenant = settings.tenants[caller.tenant];
    const model = tenant?.models.includes(modelName) ? settings.models[modelName] : undefined;
    if (tenant === undefined || model === undefined) {
      throw new ApiError(404, "model_not_found", "There is no such model, or this tenant may not call it.", {
        param: "model",
      });
    }
    const { version, reason } = chooseVersion(settings, caller, body, request.headers);
    const backends = (model.versions[version]?.backends ?? []).filter((name) => permit.allows(name));
    if (backends.length === 0) {
      throw new ApiError(
        403,
        "residency_refused",
        `Data of the class "${caller.dataClass}" may not go where this model is served.`,
        { reason: "model_elsewhere" },
      );
    }
    const wantsStream = body.stream === true;
    const promptTokensEstimate = Math.ceil(Number(request.headers["content-length"] ?? 0) / charactersPerToken);
    const answerTokens =
      route === "embedding" ? 0 : Number(body.max_completion_tokens ?? body.max_tokens ?? assumedAnswerTokens);
    const mayLeave = tenant.mayEscalate ? [model.escalation?.to, model.overflow?.to] : [];
    const prices = [model, ...mayLeave.map((key) => settings.models[key ?? ""])].map((one) => one?.price);
    const reservation = this.#ledger.reserve(caller.tenant, tenant.limits, settings.replicas, {
      tokens: promptTokensEstimate + answerTokens,
      usd: Math.max(...prices.map((price) => costUsd(price, promptTokensEstimate, answerTokens))),
      isStream: wantsStream,
    });

    const { dataClass } = caller;
    const span =
      this.#telemetry?.begin(request.headers, {
        ...{ route, requestId, model: modelName, version, reason, tenant: caller.tenant, dataClass, body },
        mayShowContent: settings.dataClasses[dataClass]?.traceContent === true,
      }) ?? null;
    // Without a collector the caller's trace goes on below the caller.
    const context = span === null ? readContext(request.headers) : null;
    const traceHeaders = context === null ? {} : contextHeaders(context);
    const around: Surroundings = {
      settings,
      dialler,
      directory,
      redactor,
      replicas: this.#replicas,
      retryBudget: this.#retryBudget,
      poison: this.#poison,
      firstTokens: this.#firstTokens,
      metrics: this.metrics,
    };
    const startedAt = performance.now();
    const local: Stage = {
      model: modelName,
      version,
      backends,
      price: model.price,
      reason,
      note: null,
      body,
      ready: null,
      extras: [],
      claim: null,
      fallback: null,
    };
    let stage = local;
    if (route === "chat" && (model.escalation !== undefined || model.overflow !== undefined)) {
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      try {
        stage = await this.#escalations.stageOf({
          around,
          requestId,
          caller,
          permit,
          headers: request.headers,
          body,
          promptTokensEstimate,
          answerTokens,
          local,
          prepare: (asked) => engineBody(asked, route, caller.tenant, false),
          signal: gone.signal,
          relays: this.#relays,
          span,
          traceHeaders,
        });
      } catch (error) {
        reservation.settle(0, 0);
        const { status, code } = error instanceof ApiError ? error : { status: 500, code: "gateway_fault" };
        span?.end({ status, code, promptTokens: 0, completionTokens: 0 });
        throw error;
      }
      if (gone.signal.aborted) {
        stage.claim?.settle(0);
        const nothing = { promptTokens: 0, completionTokens: 0 };
        billStage(this.metrics, reservation, stage, { route, tenant: caller.tenant, status: "499", ...nothing });
        span?.end({ status: 499, code: "caller_gone", ...nothing });
        return;
      }
    }
    const tokenIds = backends.every((name) => settings.backends[name]?.tokenIds === true);
    const obstacle =
      stage.claim !== null || stage.ready !== null
        ? "escalated"
        : route === "embedding"
          ? "embedding"
          : model.reasoning
            ? "reasoning"
            : // Ids of a redacted prompt would be replayed with placeholders whose values stand in what was delivered.
              backends.some((name) => permit.mustRedact(name))
              ? "redacted"
              : ineligibility(body, tokenIds);
    const continuation = obstacle === null ? new Continuation(continuationOf(body, model.maxModelLen)) : null;
    if (wantsStream) this.metrics.ineligible.add({ obstacle: obstacle ?? "none" });

    return new Promise((resolve) => {
      const isKept = wantsStream && settings.dataClasses[caller.dataClass]?.keepAnswers === true;
      if (isKept) this.#held.open(requestId, caller);
      const { heldAnswerBytes: answerBytes, heldBytes: allBytes } = settings.bounds;
      let served = stage;
      let relay: Relay | null = null;
      const sink: AnswerSink = new AnswerSink({
        response,
        route,
        requestId,
        model: modelName,
        isStream: wantsStream,
        includeUsage: (body.stream_options as Json | undefined)?.include_usage === true,
        continuation,
        headers: () => stageHeaders(served, relay?.backend ?? null),
        eventIdPrefix: this.#held.eventIdPrefix(requestId),
        keep: isKept ? (event) => this.#held.append(requestId, event, { answerBytes, allBytes }) : null,
        onOver: ({ status, code, promptTokens, completionTokens }) => {
          countStage(this.metrics, modelName, served, status, {
            milliseconds: performance.now() - startedAt,
            objectiveMilliseconds: model.escalation?.verify?.objectiveMilliseconds ?? null,
          });
          bill(String(status), promptTokens, completionTokens);
          if (code !== null) this.metrics.refusals.add({ code, rule: "" });
          if (relay !== null) this.#relays.delete(relay);
          if (isKept) this.#held.finish(requestId);
          span?.end({ status, code, promptTokens, completionTokens });
          resolve();
        },
      });
      const bill = (status: string, promptTokens: number, completionTokens: number) =>
        billStage(this.metrics, reservation, served, {
          route,
          tenant: caller.tenant,
          status,
          promptTokens,
          completionTokens,
        });
      const begin = (next: Stage) => {
        served = next;
        relay = null;
        span?.answeredBy(next);
        if (next.ready !== null) {
          span?.passed(next.ready);
          replay(next.ready, sink, wantsStream);
          return;
        }
        relay = new Relay(
          around,
          {
            id: requestId,
            route,
            body: engineBody(next.body, route, caller.tenant, continuation !== null),
            permit,
            backends: next.backends,
            version: next.version,
            prefix: prefixOf(next.body),
            promptTokensEstimate,
            continuation,
            span,
            traceHeaders,
          },
          next.claim === null ? sink : new FirstTokenSink(sink, (error) => takeOver(next, error)),
        );
        this.#relays.add(relay);
        relay.start();
      };
      const takeOver = (failed: Stage, error: ApiError) => {
        if (relay !== null) this.#relays.delete(relay);
        failed.claim?.settle(0);
        this.metrics.escalations.add({ model: modelName, reason: failed.reason, outcome: "unavailable" });
        if (failed.fallback !== null) begin({ ...failed.fallback, note: `unavailable: ${error.code}` });
        else {
          served = { ...failed, claim: null };
          sink.fail(unavailable(error));
        }
      };
      response.on("close", () => {
        if (response.writableFinished || relay === null || !this.#relays.has(relay) || isKept) return;
        relay.cancel();
        this.#relays.delete(relay);
        const completionTokens = continuation?.tokens ?? 0;
        const promptTokens = continuation?.promptTokens ?? 0;
        bill("499", promptTokens, completionTokens);
        span?.end({ status: 499, code: "caller_gone", promptTokens, completionTokens });
        resolve();
      });
      begin(stage);
    });
  }
}

const today = () => new Date().toISOString().slice(0, 10);

function listModels(settings: Settings, caller: Caller, response: ServerResponse): void {
  const names = (settings.tenants[caller.tenant]?.models ?? []).filter((name) => Object.hasOwn(settings.models, name));
  const data = names.map((id) => ({ id, object: "model", created: 0, owned_by: "freehold" }));
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ object: "list", data }));
}
