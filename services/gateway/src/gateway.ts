import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AnswerSink } from "./answer-sink.ts";
import { ApiError } from "./api-error.ts";
import { BlockBudget } from "./block-budget.ts";
import { BudgetStore } from "./budget-store.ts";
import { Continuation, ineligibility } from "./continuation.ts";
import { DividedBudget } from "./day-budget.ts";
import { Dialler } from "./dialler.ts";
import { HeldAnswers } from "./held-answers.ts";
import { type Caller, Identity } from "./identity.ts";
import { Metrics } from "./metrics.ts";
import { PoisonWatch } from "./poison.ts";
import { Relay } from "./relay.ts";
import { ReplicaDirectory } from "./replica-directory.ts";
import { ReplicaPool } from "./replica-pool.ts";
import { readJson } from "./request-body.ts";
import { checkedBody, type Json, type Route } from "./request-fields.ts";
import { type Permit, permitFor } from "./residency-gate.ts";
import { RetryBudget } from "./retry-budget.ts";
import type { Settings } from "./settings.ts";
import { Telemetry } from "./telemetry.ts";
import { TenantLedger } from "./tenant-limits.ts";
import { contextHeaders, readContext } from "./trace-context.ts";
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

/** One reading of the settings with what hangs on it; the last request that used it closes its connections. */
interface Generation {
  readonly settings: Settings;
  readonly identity: Identity;
  readonly directory: ReplicaDirectory;
  readonly dialler: Dialler;
  users: number;
  isSuperseded: boolean;
}

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
  readonly #relays = new Set<Relay>();
  #isDraining = false;
  readonly server: Server;

  private constructor(generation: Generation, replicas: ReplicaPool) {
    this.#generation = generation;
    this.#replicas = replicas;
    const { telemetry } = generation.settings;
    const onLost = (spans: number) => this.metrics.spansLost.add({}, spans);
    this.#telemetry = telemetry === undefined ? null : new Telemetry(telemetry, onLost);
    this.#blocks = blockBudgetOf(generation.settings, this.metrics);
    this.#ledger = new TenantLedger(() => performance.now(), this.#blocks ?? new DividedBudget(today));
    this.server = createServer(
      {
        maxHeaderSize: 16_384,
        headersTimeout: 10_000,
        requestTimeout: 60_000,
        keepAliveTimeout: 65_000,
        connectionsCheckingInterval: 2000,
      },
      (request, response) => void this.#receive(request, response),
    );
    this.server.maxHeadersCount = 100;
  }

  static async open(settings: Settings): Promise<Gateway> {
    const replicas = new ReplicaPool(() => performance.now());
    const gateway = new Gateway(await generationOf(settings, replicas, null), replicas);
    await gateway.#blocks?.prepare(settings);
    return gateway;
  }

  /** Settings for all requests from now on; those under way end with the ones they began with. */
  async use(settings: Settings): Promise<void> {
    const next = await generationOf(settings, this.#replicas, this.#generation.directory);
    await this.#blocks?.prepare(settings);
    const previous = this.#generation;
    this.#generation = next;
    previous.isSuperseded = true;
    this.#release(previous, 0);
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
    this.server.closeIdleConnections();
    await new Promise((resolve) => setTimeout(resolve, 50));
    this.server.closeAllConnections();
    this.server.close();
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
      this.metrics.refusals.add({ code: known.code });
      refuse(response, known, requestId);
      // What the caller still sends is not read.
      if (!request.complete) request.destroy();
    } finally {
      this.#release(generation, 1);
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
      this.#held.readOn(lastEventId, caller.tenant, response);
      return;
    }
    const raw = await readJson(request, settings.bounds.bodyBytes);
    const body = checkedBody(route, raw, { ...settings.bounds, mediaHosts: settings.mediaHosts });
    await this.#relay(generation, { requestId, route, caller, permit, body, request, response });
  }

  #relay(
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
    const { settings, dialler, directory } = generation;
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
      );
    }
    const wantsStream = body.stream === true;
    const tokenIds = backends.every((name) => settings.backends[name]?.tokenIds === true);
    const obstacle =
      route === "embedding" ? "embedding" : model.reasoning ? "reasoning" : ineligibility(body, tokenIds);
    const continuation = obstacle === null ? new Continuation(continuationOf(body, model.maxModelLen)) : null;
    if (wantsStream) this.metrics.ineligible.add({ obstacle: obstacle ?? "none" });

    const promptTokensEstimate = Math.ceil(Number(request.headers["content-length"] ?? 0) / charactersPerToken);
    const answerTokens =
      route === "embedding" ? 0 : Number(body.max_completion_tokens ?? body.max_tokens ?? assumedAnswerTokens);
    const price = (prompt: number, answer: number) =>
      (prompt * (model.price?.inputUsdPerMillionTokens ?? 0) + answer * (model.price?.outputUsdPerMillionTokens ?? 0)) /
      1e6;
    const reservation = this.#ledger.reserve(caller.tenant, tenant.limits, settings.replicas, {
      tokens: promptTokensEstimate + answerTokens,
      usd: price(promptTokensEstimate, answerTokens),
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

    return new Promise((resolve) => {
      const isKept = wantsStream && settings.dataClasses[caller.dataClass]?.keepAnswers === true;
      if (isKept) this.#held.open(requestId, caller.tenant);
      const { heldAnswerBytes: answerBytes, heldBytes: allBytes } = settings.bounds;
      const sink: AnswerSink = new AnswerSink({
        response,
        route,
        requestId,
        model: modelName,
        isStream: wantsStream,
        includeUsage: (body.stream_options as Json | undefined)?.include_usage === true,
        continuation,
        headers: () => ({
          "x-freehold-model": modelName,
          "x-freehold-version": version,
          "x-freehold-reason": reason,
          "x-freehold-backend": relay.backend,
        }),
        keep: isKept ? (event) => this.#held.append(requestId, event, { answerBytes, allBytes }) : null,
        onOver: ({ status, code, promptTokens, completionTokens }) => {
          const usd = price(promptTokens, completionTokens);
          reservation.settle(promptTokens + completionTokens, usd);
          const labels = { tenant: caller.tenant, model: modelName, version };
          this.metrics.requests.add({ route, model: modelName, version, status: String(status) });
          if (code !== null) this.metrics.refusals.add({ code });
          this.metrics.tokens.add({ ...labels, kind: "prompt" }, promptTokens);
          this.metrics.tokens.add({ ...labels, kind: "completion" }, completionTokens);
          this.metrics.usd.add(labels, usd);
          this.#relays.delete(relay);
          if (isKept) this.#held.finish(requestId);
          span?.end({ status, code, promptTokens, completionTokens });
          resolve();
        },
      });
      const relay: Relay = new Relay(
        {
          settings,
          dialler,
          directory,
          replicas: this.#replicas,
          retryBudget: this.#retryBudget,
          poison: this.#poison,
          metrics: this.metrics,
        },
        {
          id: requestId,
          route,
          body: engineBody(body, route, caller.tenant, continuation !== null),
          permit,
          backends,
          version,
          prefix: prefixOf(body),
          promptTokensEstimate,
          continuation,
          span,
          traceHeaders: context === null ? {} : contextHeaders(context),
        },
        sink,
      );
      this.#relays.add(relay);
      response.on("close", () => {
        if (response.writableFinished || !this.#relays.has(relay) || isKept) return;
        relay.cancel();
        this.#relays.delete(relay);
        const completionTokens = continuation?.tokens ?? 0;
        const promptTokens = continuation?.promptTokens ?? 0;
        reservation.settle(promptTokens + completionTokens, price(promptTokens, completionTokens));
        this.metrics.requests.add({ route, model: modelName, version, status: "499" });
        span?.end({ status: 499, code: "caller_gone", promptTokens, completionTokens });
        resolve();
      });
      relay.start();
    });
  }

  #release(generation: Generation, users: number): void {
    generation.users -= users;
    if (generation.isSuperseded && generation.users === 0) {
      generation.directory.stop();
      void generation.dialler.close();
    }
  }
}

const today = () => new Date().toISOString().slice(0, 10);

function blockBudgetOf({ budgets }: Settings, metrics: Metrics): BlockBudget | null {
  if (budgets === undefined) return null;
  return new BlockBudget({
    store: new BudgetStore(budgets.urlFile),
    blockShare: budgets.blockShare,
    monotonic: () => performance.now(),
    today,
    onTaken: (outcome) => metrics.budgetBlocks.add({ outcome }),
  });
}

async function generationOf(
  settings: Settings,
  replicas: ReplicaPool,
  previous: ReplicaDirectory | null,
): Promise<Generation> {
  const events = {
    onGone: (replica: string) => {
      dialler?.retire(replica);
      replicas.forget(replica);
    },
    onTrouble: (trouble: object) => console.error(JSON.stringify({ level: "error", ...trouble })),
  };
  let dialler: Dialler | undefined;
  const [identity, directory] = await Promise.all([
    Identity.load(settings),
    ReplicaDirectory.open(settings, () => performance.now(), events, previous),
  ]);
  dialler = new Dialler(settings, directory);
  return { settings, identity, directory, dialler, users: 0, isSuperseded: false };
}

function continuationOf(body: Json, maxModelLen: number) {
  const { stop } = body;
  return {
    stop: typeof stop === "string" ? [stop] : ((stop as string[] | undefined) ?? []),
    includeStop: body.include_stop_str_in_output === true,
    minTokens: (body.min_tokens as number | undefined) ?? 0,
    maxTokens: ((body.max_completion_tokens ?? body.max_tokens) as number | undefined) ?? null,
    maxModelLen,
  };
}

/** What goes to the engine: with the tenant's cache salt, and for a continuable answer streamed, with ids, without `stop`. */
function engineBody(body: Json, route: Route, tenant: string, isContinuable: boolean): Json {
  if (route === "embedding") return body;
  const salted = {
    ...body,
    cache_salt: createHash("sha256").update(`freehold cache of ${tenant}`).digest("base64url"),
  };
  if (!isContinuable) return body.stream === true ? { ...salted, stream_options: { include_usage: true } } : salted;
  const { stop: _, include_stop_str_in_output: __, stream_options: ___, ...rest } = salted as Json;
  return { ...rest, stream: true, return_token_ids: true };
}

function listModels(settings: Settings, caller: Caller, response: ServerResponse): void {
  const names = (settings.tenants[caller.tenant]?.models ?? []).filter((name) => Object.hasOwn(settings.models, name));
  const data = names.map((id) => ({ id, object: "model", created: 0, owned_by: "freehold" }));
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ object: "list", data }));
}

function refuse(response: ServerResponse, error: ApiError, requestId: string): void {
  if (response.headersSent) return void response.end();
  if (error.retryAfterSeconds !== null) response.setHeader("retry-after", String(error.retryAfterSeconds));
  response.writeHead(error.status, { "content-type": "application/json" }).end(JSON.stringify(error.toBody(requestId)));
}
