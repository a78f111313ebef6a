import { ApiError } from "../api-error.ts";
import type { Caller } from "../identity.ts";
import type { Relay } from "../relay.ts";
import type { Json } from "../request-fields.ts";
import type { Permit } from "../residency-gate.ts";
import type { Settings } from "../settings.ts";
import type { Surroundings } from "../surroundings.ts";
import type { RequestSpan } from "../telemetry.ts";
import { chooseVersion, prefixOf } from "../version-choice.ts";
import { type Draft, draftOf } from "./draft.ts";
import { EscalationBudget } from "./escalation-budget.ts";
import type { EscalationSettings, OverflowSettings, VerifySettings, WaySettings } from "./escalation-settings.ts";
import { bodyWithDraft, gradeOf, judgeBody } from "./judge.ts";
import { featuresOf, ruleFor } from "./rules.ts";
import { costUsd, type Extra, type Stage } from "./stage.ts";
import { failedChecks } from "./verification.ts";

const optOutHeader = "x-freehold-escalate";
const tagsHeader = "x-freehold-tags";
const conversationHeader = "x-freehold-conversation";

export interface Ask {
  readonly around: Surroundings;
  readonly requestId: string;
  readonly caller: Caller;
  readonly permit: Permit;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As the caller sent it, checked. */
  readonly body: Json;
  readonly promptTokensEstimate: number;
  readonly answerTokens: number;
  /** Who answers when nothing speaks against it. */
  readonly local: Stage;
  /** What an engine is sent for a body. */
  prepare(body: Json): Json;
  /** Fires when the caller has gone. */
  readonly signal: AbortSignal;
  readonly relays: Set<Relay>;
  /** Null where nobody asked for traces. */
  readonly span: RequestSpan | null;
  /** What an engine is told of the caller's trace where there is no span of ours. */
  readonly traceHeaders: Readonly<Record<string, string>>;
}

type Model = Settings["models"][string];

/** Decides who answers a request, before its first token: this model, the one for hard cases, or the one that helps out. */
export class Escalations {
  readonly #budgets = new Map<string, EscalationBudget>();
  readonly #today: () => string;

  /** @param today Date in UTC, `2026-11-01`. */
  constructor(today: () => string) {
    this.#today = today;
  }

  async stageOf(ask: Ask): Promise<Stage> {
    const { around, local, body, headers, promptTokensEstimate } = ask;
    const { escalation, overflow } = around.settings.models[local.model] as Model;
    for (const [kind, way] of [
      ["escalation", escalation],
      ["overflow", overflow],
    ] as const)
      if (way !== undefined) this.#budget(local.model, kind).request(way.budget);
    if (escalation !== undefined) {
      const rule = ruleFor(escalation.rules, featuresOf(body, headers[tagsHeader], promptTokensEstimate));
      if (rule !== null) {
        const fallback = escalation.unavailable === "local" ? { ...local, note: "unavailable" } : null;
        const out = this.#leave(ask, "escalation", escalation, { reason: `rule:${rule}`, body, fallback, extras: [] });
        return typeof out === "string" ? { ...local, note: `declined: ${out}` } : out;
      }
    }
    let note: string | null = null;
    if (overflow !== undefined && isOverloaded(around, local.backends, overflow)) {
      const fallback = { ...local, note: "unavailable" };
      const out = this.#leave(ask, "overflow", overflow, { reason: "overflow", body, fallback, extras: [] });
      if (typeof out !== "string") return out;
      note = `declined: ${out}`;
    }
    // Several answers cannot be held against each other here, and each would have to be bought anew.
    if (escalation?.verify !== undefined && (body.n ?? 1) === 1) {
      const barrier = this.#barrier(ask, escalation);
      // Buffering without a way out would cost time and gain nothing.
      if (barrier === null) return this.#verified(ask, escalation, escalation.verify);
      note = `declined: ${barrier}`;
    }
    return { ...local, note };
  }

  async #verified(ask: Ask, escalation: EscalationSettings, verify: VerifySettings): Promise<Stage> {
    const { around, local, body } = ask;
    const startedAt = performance.now();
    const { stream: _, stream_options: __, ...rest } = body;
    const wantsLogprobs = body.logprobs === true;
    const asked = verify.meanLogProbabilityAtLeast === undefined ? rest : { ...rest, logprobs: true };
    const draft = await this.#ask(ask, local, ask.prepare(asked), verify.deadlineMilliseconds);
    const left = () => Math.max(1, verify.deadlineMilliseconds - (performance.now() - startedAt));
    const seconds = () => (performance.now() - startedAt) / 1000;
    if ("error" in draft && isCallersFault(draft.error)) throw draft.error;
    const extras: Extra[] = [];
    const failed: string[] = "answer" in draft ? failedChecks(body, draft.answer, verify) : [];
    if ("error" in draft) failed.push("local_failed");
    if ("isLate" in draft) failed.push("late");
    if ("answer" in draft && failed.length === 0 && verify.judge !== undefined) {
      const grade = await this.#grade(ask, verify.judge.model, draft.answer, left(), extras);
      if (grade === null) failed.push("judge_unavailable");
      else if (grade < verify.judge.scoreAtLeast) failed.push("judge");
    }
    const [first] = failed;
    const outcome = first ?? "passed";
    around.metrics.verifications.add({ model: local.model, outcome });
    around.metrics.verifying.observe({ model: local.model }, seconds());
    const answer = "answer" in draft ? withoutLogprobs(draft.answer, wantsLogprobs) : null;
    const inside: Stage = {
      ...local,
      ready: answer,
      extras,
      reason: first === undefined ? "verified" : `verify:${first}`,
    };
    if (first === undefined || ask.signal.aborted) return inside;
    const fallback = escalation.unavailable === "local" && answer !== null ? { ...inside, note: "unavailable" } : null;
    const out = this.#leave(ask, "escalation", escalation, {
      reason: `verify:${first}`,
      body: bodyWithDraft(body, answer, failed),
      fallback,
      extras: answer === null ? extras : [...extras, extraOf("draft", local, answer)],
    });
    if (typeof out !== "string") return out;
    if (answer === null && "error" in draft) throw draft.error;
    return { ...inside, note: `declined: ${out}` };
  }

  /** The judge's grade; null when it gave none in time, or may not see the data. */
  async #grade(ask: Ask, model: string, answer: Json, milliseconds: number, extras: Extra[]): Promise<number | null> {
    const judge = this.#target(ask, model);
    if (typeof judge === "string") return null;
    const body = ask.prepare(judgeBody(ask.body, answer));
    const graded = await this.#ask(ask, judge, body, milliseconds);
    if (!("answer" in graded)) return null;
    extras.push(extraOf("judge", judge, graded.answer));
    return gradeOf(graded.answer);
  }

  #ask(ask: Ask, stage: Stage, body: Json, milliseconds: number): Promise<Draft> {
    const { around, requestId, permit, promptTokensEstimate, signal, relays, span, traceHeaders } = ask;
    const { backends, model, version } = stage;
    const request = {
      id: requestId,
      route: "chat" as const,
      body,
      permit,
      backends,
      model,
      version,
      prefix: prefixOf(body),
      promptTokensEstimate,
      continuation: null,
      span: span?.aside(stage) ?? null,
      traceHeaders,
    };
    return draftOf(around, request, milliseconds, signal, relays);
  }

  /** The stage outside, its money set aside; the reason where the request has to stay. */
  #leave(
    ask: Ask,
    kind: "escalation" | "overflow",
    way: WaySettings,
    parts: Pick<Stage, "reason" | "body" | "fallback" | "extras">,
  ): Stage | string {
    const { local, around, promptTokensEstimate, answerTokens } = ask;
    const declined = (because: string) => {
      around.metrics.escalations.add({ model: local.model, reason: parts.reason, outcome: `declined_${because}` });
      return because;
    };
    const barrier = this.#barrier(ask, way);
    if (barrier !== null) return declined(barrier);
    const target = this.#target(ask, way.to);
    if (typeof target === "string") return declined(target);
    const usd = costUsd(target.price, promptTokensEstimate, answerTokens);
    const claim = this.#budget(local.model, kind).claim(way.budget, around.settings.replicas, usd);
    if (typeof claim === "string") return declined(claim);
    return { ...target, ...parts, claim, note: "served" };
  }

  /** What keeps the request from this way whatever is left of budgets; null when nothing does. */
  #barrier(ask: Ask, { to, dataClasses, tenants }: WaySettings): string | null {
    const { around, caller, headers } = ask;
    if (headers[optOutHeader] === "never") return "caller";
    if (around.settings.tenants[caller.tenant]?.mayEscalate !== true) return "tenant";
    if (tenants?.includes(caller.tenant) === false) return "tenant";
    if (dataClasses?.includes(caller.dataClass) === false) return "data_class";
    const target = this.#target(ask, to);
    return typeof target === "string" ? target : null;
  }

  #target({ around, caller, permit, headers }: Ask, model: string): Stage | string {
    const { versions, price } = around.settings.models[model] as Model;
    // A cohort belongs to the model that the caller named.
    const sticky = { [conversationHeader]: headers[conversationHeader] };
    let version: string;
    try {
      ({ version } = chooseVersion(around.settings, caller, { model }, sticky));
    } catch {
      return "no_version";
    }
    const backends = (versions[version]?.backends ?? []).filter((name) => permit.allows(name));
    if (backends.length === 0) return "residency";
    return {
      model,
      version,
      backends,
      price,
      reason: "",
      note: null,
      body: {},
      ready: null,
      extras: [],
      claim: null,
      fallback: null,
    };
  }

  #budget(model: string, kind: string): EscalationBudget {
    const at = `${kind}/${model}`;
    const budget = this.#budgets.get(at) ?? new EscalationBudget(this.#today);
    this.#budgets.set(at, budget);
    return budget;
  }
}

function isOverloaded(
  { replicas, firstTokens, directory }: Surroundings,
  backends: readonly string[],
  settings: OverflowSettings,
): boolean {
  const { requestsPerReplicaAtLeast: busy, timeToFirstTokenMilliseconds: objective } = settings;
  const all = backends.flatMap((name) => directory.replicasOf(name));
  // A model without replicas is down and not overloaded.
  return (
    (busy !== undefined && all.length > 0 && all.every((name) => replicas.inFlight(name) >= busy)) ||
    (objective !== undefined && backends.every((name) => firstTokens.p90Milliseconds(name) > objective))
  );
}

function isCallersFault({ status }: ApiError): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

function extraOf(kind: Extra["kind"], { model, version, price }: Stage, answer: Json): Extra {
  const { prompt_tokens: promptTokens = 0, completion_tokens: completionTokens = 0 } = (answer.usage ?? {}) as Record<
    string,
    number
  >;
  return { kind, model, version, promptTokens, completionTokens, usd: costUsd(price, promptTokens, completionTokens) };
}

function withoutLogprobs(answer: Json, isWanted: boolean): Json {
  if (isWanted) return answer;
  return { ...answer, choices: (answer.choices as Json[]).map((choice) => ({ ...choice, logprobs: null })) };
}

/** What a caller is told where the route says that nobody else answers. */
export function unavailable({ code }: ApiError): ApiError {
  return new ApiError(503, "escalation_unavailable", `The model that this request needs does not answer (${code}).`, {
    retryAfterSeconds: 5,
  });
}
