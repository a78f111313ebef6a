import type { IncomingMessage, ServerResponse } from "node:http";
import { contextHeaders, readContext } from "../../shared/src/trace-context.ts";
import { AnswerSink } from "./answer-sink.ts";
import { ApiError } from "./api-error.ts";
import { Continuation, ineligibility } from "./continuation.ts";
import { continuationOf, engineBody } from "./engine-body.ts";
import { type Escalations, unavailable } from "./escalation/escalations.ts";
import { FirstTokenSink } from "./escalation/first-token-sink.ts";
import type { FirstTokenWatch } from "./escalation/first-token-watch.ts";
import { replay } from "./escalation/replay.ts";
import { billStage, costUsd, countStage, type Stage, stageHeaders } from "./escalation/stage.ts";
import type { Generation } from "./generation.ts";
import type { HeldAnswers } from "./held-answers.ts";
import type { Caller } from "./identity.ts";
import type { Metrics } from "./metrics.ts";
import type { PoisonWatch } from "./poison.ts";
import { Relay } from "./relay.ts";
import type { ReplicaPool } from "./replica-pool.ts";
import type { Json, Route } from "./request-fields.ts";
import type { Permit } from "./residency-gate.ts";
import type { RetryBudget } from "./retry-budget.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Telemetry } from "./telemetry.ts";
import type { TenantLedger } from "./tenant-limits.ts";
import { chooseVersion, prefixOf } from "./version-choice.ts";

/** Tokens set aside for an answer whose length the caller leaves open. */
const assumedAnswerTokens = 1024;

/** What outlives settings: counts, budgets and answers of the whole process. */
export interface ProcessState {
  readonly replicas: ReplicaPool;
  readonly retryBudget: RetryBudget;
  readonly poison: PoisonWatch;
  readonly firstTokens: FirstTokenWatch;
  readonly metrics: Metrics;
  readonly telemetry: Telemetry | null;
  readonly ledger: TenantLedger;
  readonly held: HeldAnswers;
  readonly escalations: Escalations;
  /** Answers under way. */
  readonly relays: Set<Relay>;
}

/** One request that was let in, with who asks and where their data may go. */
export interface Asked {
  readonly requestId: string;
  readonly route: Route;
  readonly caller: Caller;
  readonly permit: Permit;
  readonly body: Json;
  readonly promptTokensEstimate: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Has one request answered: a version chosen, limits reserved, the answer relayed, escalated or verified, and billed. */
export async function exchange(door: ProcessState, generation: Generation, asked: Asked): Promise<void> {
  const { settings, dialler, directory, redactor } = generation;
  const { requestId, route, caller, permit, body, promptTokensEstimate, request, response } = asked;
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
  const answerTokens =
    route === "embedding" ? 0 : Number(body.max_completion_tokens ?? body.max_tokens ?? assumedAnswerTokens);
  const mayLeave = tenant.mayEscalate ? [model.escalation?.to, model.overflow?.to] : [];
  const prices = [model, ...mayLeave.map((key) => settings.models[key ?? ""])].map((one) => one?.price);
  const reservation = door.ledger.reserve(caller.tenant, tenant.limits, settings.replicas, {
    tokens: promptTokensEstimate + answerTokens,
    usd: Math.max(...prices.map((price) => costUsd(price, promptTokensEstimate, answerTokens))),
    isStream: wantsStream,
  });

  const { dataClass } = caller;
  const span =
    door.telemetry?.begin(request.headers, {
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
    replicas: door.replicas,
    retryBudget: door.retryBudget,
    poison: door.poison,
    firstTokens: door.firstTokens,
    metrics: door.metrics,
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
      stage = await door.escalations.stageOf({
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
        relays: door.relays,
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
      billStage(door.metrics, reservation, stage, { route, tenant: caller.tenant, status: "499", ...nothing });
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
  if (wantsStream) door.metrics.ineligible.add({ obstacle: obstacle ?? "none" });

  return new Promise((resolve) => {
    const isKept = wantsStream && settings.dataClasses[caller.dataClass]?.keepAnswers === true;
    if (isKept) door.held.open(requestId, caller);
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
      promptTokensEstimate,
      headers: () => stageHeaders(served, relay?.backend ?? null),
      eventIdPrefix: door.held.eventIdPrefix(requestId),
      keep: isKept ? (event) => door.held.append(requestId, event, { answerBytes, allBytes }) : null,
      onOver: ({ status, code, promptTokens, completionTokens }) => {
        countStage(door.metrics, modelName, served, status, {
          milliseconds: performance.now() - startedAt,
          objectiveMilliseconds: model.escalation?.verify?.objectiveMilliseconds ?? null,
        });
        bill(String(status), promptTokens, completionTokens);
        if (code !== null) door.metrics.refusals.add({ code, rule: "" });
        if (relay !== null) door.relays.delete(relay);
        if (isKept) door.held.finish(requestId);
        span?.end({ status, code, promptTokens, completionTokens });
        resolve();
      },
    });
    const bill = (status: string, promptTokens: number, completionTokens: number) =>
      billStage(door.metrics, reservation, served, {
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
          model: next.model,
          version: next.version,
          prefix: prefixOf(next.body),
          promptTokensEstimate,
          continuation,
          span,
          traceHeaders,
        },
        next.claim === null ? sink : new FirstTokenSink(sink, (error) => takeOver(next, error)),
      );
      door.relays.add(relay);
      relay.start();
    };
    const takeOver = (failed: Stage, error: ApiError) => {
      if (relay !== null) door.relays.delete(relay);
      failed.claim?.settle(0);
      door.metrics.escalations.add({ model: modelName, reason: failed.reason, outcome: "unavailable" });
      if (failed.fallback !== null) begin({ ...failed.fallback, note: `unavailable: ${error.code}` });
      else {
        served = { ...failed, claim: null };
        sink.fail(unavailable(error));
      }
    };
    response.on("close", () => {
      if (response.writableFinished || relay === null || !door.relays.has(relay) || isKept) return;
      relay.cancel();
      door.relays.delete(relay);
      const { promptTokens, completionTokens } = sink.delivered;
      bill("499", promptTokens, completionTokens);
      span?.end({ status: 499, code: "caller_gone", promptTokens, completionTokens });
      resolve();
    });
    begin(stage);
  });
}
