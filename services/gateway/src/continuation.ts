import type { Json } from "./request-fields.ts";

export interface EngineEvent {
  readonly ids: readonly number[];
  readonly text: string;
  readonly finish: string | null;
  /** What made the engine stop, where it says: a stop token's id. */
  readonly stopReason: unknown;
}

export interface Delivery {
  readonly text: string;
  /** Null while the answer goes on. */
  readonly finish: { readonly reason: string; readonly stopReason: unknown } | null;
}

export interface ContinuationRequest {
  readonly stop: readonly string[];
  readonly includeStop: boolean;
  /** Tokens before which no stop string counts. */
  readonly minTokens: number;
  /** Null where the caller set none: then the model's length is the bound. */
  readonly maxTokens: number | null;
  readonly maxModelLen: number;
}

/**
 * One answer across the replicas that work on it. Holds the ids that were delivered, so that another replica with the
 * same weights can go on behind them, and finds stop strings itself, because an engine that is handed half an answer
 * does not see one that began in the first half.
 *
 * Pure: no clock, no network.
 */
export class Continuation {
  readonly #request: ContinuationRequest;
  readonly #holdBack: number;
  #promptIds: readonly number[] | null = null;
  /** Ids whose text has come; only behind these may another replica go on. */
  #settled: number[] = [];
  /** Ids since then without text: the first bytes of a character that is not whole yet. They are generated anew. */
  #open: number[] = [];
  #held = "";
  #isOver = false;

  constructor(request: ContinuationRequest) {
    this.#request = request;
    this.#holdBack = Math.max(0, ...request.stop.map((text) => text.length - 1));
  }

  /** Tokens of the answer that the caller pays for: those that were delivered, each once. */
  get tokens(): number {
    return this.#settled.length + (this.#isOver ? this.#open.length : 0);
  }

  get promptTokens(): number {
    return this.#promptIds?.length ?? 0;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ids of the prompt as the engine gave them with its first event; a later replica's are the prompt plus the answer. */
  learnPrompt(ids: readonly number[]): void {
    this.#promptIds ??= ids;
  }

  accept(event: EngineEvent): Delivery {
    this.#open.push(...event.ids);
    if (event.text !== "") {
      this.#settled.push(...this.#open);
      this.#open = [];
      this.#held += event.text;
    }
    const hit = this.#settled.length + this.#open.length > this.#request.minTokens ? this.#stopHit() : null;
    if (hit !== null) {
      const end = this.#request.includeStop ? hit.at + hit.text.length : hit.at;
      return this.#end(this.#held.slice(0, end), "stop", hit.text);
    }
    if (event.finish !== null) return this.#end(this.#held, event.finish, event.stopReason);
    let end = Math.max(0, this.#held.length - this.#holdBack);
    // Half of a surrogate pair is no character.
    if (/[\uD800-\uDBFF]/.test(this.#held[end - 1] ?? "")) end -= 1;
    const text = this.#held.slice(0, end);
    this.#held = this.#held.slice(text.length);
    return { text, finish: null };
  }

  /** What a further replica is asked for, or what ends the answer when nothing is left to ask; null when it cannot go on. */
  resume(): { readonly fields: Json } | { readonly delivery: Delivery } | null {
    if (this.#promptIds === null || this.#isOver) return null;
    this.#open = [];
    const { maxTokens, minTokens, maxModelLen } = this.#request;
    const done = this.#settled.length;
    const left = (maxTokens ?? maxModelLen - this.#promptIds.length) - done;
    if (left <= 0) return { delivery: this.#end(this.#held, "length", null) };
    const fields: Json = { prompt: [...this.#promptIds, ...this.#settled], max_tokens: left };
    if (minTokens > done) fields.min_tokens = minTokens - done;
    return { fields };
  }

  #end(text: string, reason: string, stopReason: unknown): Delivery {
    this.#isOver = true;
    this.#held = "";
    return { text, finish: { reason, stopReason } };
  }

  #stopHit(): { at: number; text: string } | null {
    let first: { at: number; text: string } | null = null;
    for (const text of this.#request.stop) {
      const at = this.#held.indexOf(text);
      if (at !== -1 && (first === null || at < first.at)) first = { at, text };
    }
    return first;
  }
}

/** Why an answer to this body cannot go on elsewhere; null when it can. */
export function ineligibility(body: Json, tokenIds: boolean): string | null {
  if (!tokenIds) return "no_token_ids";
  if (typeof body.n === "number" && body.n > 1) return "several_choices";
  if (body.tools !== undefined) return "tools";
  if (body.response_format !== undefined) return "schema";
  if (body.logprobs !== undefined && body.logprobs !== false) return "logprobs";
  // Ids of a prompt hold a mark where an image stands, and not the image.
  if (hasImages(body)) return "images";
  if (body.echo === true || body.best_of !== undefined || body.suffix !== undefined) return "completion_options";
  if (body.prompt !== undefined && typeof body.prompt !== "string" && typeof (body.prompt as unknown[])[0] !== "number")
    return "several_prompts";
  return null;
}

function hasImages({ messages }: Json): boolean {
  return ((messages as Json[] | undefined) ?? []).some(
    ({ content }) => Array.isArray(content) && (content as Json[]).some(({ type }) => type !== "text"),
  );
}
