import { Counter, Histogram, textOf } from "../../shared/src/prometheus.ts";

/** What the gateway counts, in Prometheus' text form. */
export class Metrics {
  readonly requests = new Counter("freehold_gateway_requests_total", "Requests by route, model, version and status.");
  readonly refusals = new Counter(
    "freehold_gateway_refusals_total",
    "Requests refused by the gateway itself, by code and the rule behind it.",
  );
  readonly tokens = new Counter("freehold_gateway_tokens_total", "Tokens of prompts and answers, each once.");
  readonly usd = new Counter("freehold_gateway_usd_total", "What the tokens cost by the settings' prices.");
  readonly retries = new Counter("freehold_gateway_retries_total", "Further tries before the first token, by cause.");
  readonly continuations = new Counter(
    "freehold_gateway_continuations_total",
    "Answers that went on elsewhere, by outcome.",
  );
  readonly ineligible = new Counter(
    "freehold_gateway_streams_total",
    "Streams, by why they could not go on elsewhere; `none` can.",
  );
  readonly escalations = new Counter(
    "freehold_gateway_escalations_total",
    "Requests that a rule, a check or overload sent on, by reason and outcome.",
  );
  readonly verifications = new Counter(
    "freehold_gateway_verifications_total",
    "Answers that were checked before they were sent, by the first check that failed.",
  );
  readonly verifying = new Histogram(
    "freehold_gateway_verification_seconds",
    "From the request to the end of the checks.",
  );
  readonly verifiedAnswers = new Counter(
    "freehold_gateway_verified_answers_total",
    "Whole answers of verified routes, by whether they kept the route's own objective.",
  );
  readonly redactions = new Counter(
    "freehold_gateway_redactions_total",
    "Bodies redacted before they left, by outcome.",
  );
  readonly redacted = new Counter(
    "freehold_gateway_redacted_identifiers_total",
    "Identifiers that did not leave, by kind.",
  );
  readonly ejections = new Counter("freehold_gateway_ejections_total", "Backends taken out of use, by cause.");
  readonly budgetBlocks = new Counter(
    "freehold_gateway_budget_blocks_total",
    "Parts of tenants' days taken from the shared budget, by outcome.",
  );
  readonly spansLost = new Counter("freehold_gateway_spans_lost_total", "Spans that no collector took.");
  readonly timeToFirstToken = new Histogram(
    "freehold_gateway_time_to_first_token_seconds",
    "From request to first token.",
  );
  readonly interToken = new Histogram(
    "freehold_gateway_inter_token_seconds",
    "Between two tokens of one answer from one replica.",
  );
  readonly stall = new Histogram(
    "freehold_gateway_stall_seconds",
    "From a break to the next token on another replica.",
  );

  render(): string {
    return textOf(Object.values(this));
  }
}
