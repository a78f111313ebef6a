import type { Metrics } from "../metrics.ts";
import type { Json } from "../request-fields.ts";
import type { Settings } from "../settings.ts";
import type { Reservation } from "../tenant-limits.ts";
import type { Claim } from "./escalation-budget.ts";

export type Price = Settings["models"][string]["price"];

/** Tokens that were used for an answer and are no part of it: a draft that was not taken, a judge. */
export interface Extra {
  readonly kind: "draft" | "judge";
  readonly model: string;
  readonly version: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly usd: number;
}

/** Who answers a request, and why. */
export interface Stage {
  /** Key of `models`. */
  readonly model: string;
  readonly version: string;
  readonly backends: readonly string[];
  readonly price: Price;
  /** Stands in `x-freehold-reason`: how the version was chosen, or why the request left it. */
  readonly reason: string;
  /** Stands in `x-freehold-escalation`; null where nothing is to be said. */
  readonly note: string | null;
  readonly body: Json;
  /** An answer that is there already; null when the backends have to be asked. */
  readonly ready: Json | null;
  readonly extras: readonly Extra[];
  /** Money that was set aside in the budget of this way out; null inside. */
  readonly claim: Claim | null;
  /** Who answers when this one fails before its first token; null when a typed error does. */
  readonly fallback: Stage | null;
}

export function costUsd(price: Price, promptTokens: number, completionTokens: number): number {
  if (price === undefined) return 0;
  return (promptTokens * price.inputUsdPerMillionTokens + completionTokens * price.outputUsdPerMillionTokens) / 1e6;
}

export interface Usage {
  readonly route: string;
  readonly tenant: string;
  readonly status: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Counts everything that was used for a request, once: the answer, drafts that were not taken, judges. */
export function billStage(metrics: Metrics, reservation: Reservation, stage: Stage, usage: Usage): void {
  const { route, tenant, status, promptTokens, completionTokens } = usage;
  const { model, version } = stage;
  const own = {
    kind: "",
    model,
    version,
    promptTokens,
    completionTokens,
    usd: costUsd(stage.price, promptTokens, completionTokens),
  };
  metrics.requests.add({ route, model, version, status });
  let tokens = 0;
  let usd = 0;
  for (const part of [own, ...stage.extras]) {
    const labels = { tenant, model: part.model, version: part.version };
    const kind = part.kind === "" ? "" : `${part.kind}_`;
    metrics.tokens.add({ ...labels, kind: `${kind}prompt` }, part.promptTokens);
    metrics.tokens.add({ ...labels, kind: `${kind}completion` }, part.completionTokens);
    metrics.usd.add(labels, part.usd);
    tokens += part.promptTokens + part.completionTokens;
    usd += part.usd;
  }
  stage.claim?.settle(own.usd);
  reservation.settle(tokens, usd);
}

/** What every answer says: which model and version, why, and whether it was to go elsewhere. */
export function stageHeaders({ model, version, reason, note }: Stage, backend: string | null): Record<string, string> {
  return {
    "x-freehold-model": model,
    "x-freehold-version": version,
    "x-freehold-reason": reason,
    ...(note === null ? {} : { "x-freehold-escalation": note }),
    ...(backend === null ? {} : { "x-freehold-backend": backend }),
  };
}

/** Counts how a request to `model` ended that left it or was verified. */
export function countStage(
  metrics: Metrics,
  model: string,
  { claim, ready, reason }: Stage,
  status: number,
  time: { readonly milliseconds: number; readonly objectiveMilliseconds: number | null },
): void {
  const isVerified = ready !== null || reason.startsWith("verify:");
  if (isVerified && status === 200 && time.objectiveMilliseconds !== null)
    metrics.verifiedAnswers.add({ model, kept: String(time.milliseconds <= time.objectiveMilliseconds) });
  if (claim !== null) metrics.escalations.add({ model, reason, outcome: status === 200 ? "served" : "broken" });
}
