import type { Json } from "./request-fields.ts";

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

interface Said {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
}

/**
 * Tokens of an answer that is passed on as it comes. An engine says with each event how many it has read and written; of one
 * that does not, the prompt's estimate and an event for a token count, so that an answer which breaks off is paid as well.
 */
export class StreamUsage {
  readonly #promptTokensEstimate: number;
  /** What was said last, by choice. */
  readonly #written = new Map<unknown, number>();
  #promptTokens: number | null = null;
  /** What the engine says at the end of all choices together. */
  #completionTokens: number | null = null;
  #events = 0;

  constructor(promptTokensEstimate: number) {
    this.#promptTokensEstimate = promptTokensEstimate;
  }

  /** An event of a stream, with what it says of one choice, or at the end of all. */
  see(event: Json): void {
    const [choice] = event.choices as Json[];
    if (choice !== undefined && isToken(choice)) this.#events += 1;
    const usage = event.usage as Said | null | undefined;
    if (usage == null) return;
    this.#promptTokens = usage.prompt_tokens ?? this.#promptTokens;
    if (choice === undefined) this.#completionTokens = usage.completion_tokens ?? 0;
    else this.#written.set(choice.index, usage.completion_tokens ?? 0);
  }

  /** A whole answer. */
  whole({ usage }: Json): void {
    const { prompt_tokens = 0, completion_tokens = 0 } = (usage ?? {}) as Said;
    this.#promptTokens = prompt_tokens;
    this.#completionTokens = completion_tokens;
  }

  /** What counts of it so far; nothing while nothing has come. */
  get tokens(): Usage {
    const isEmpty = this.#events === 0 && this.#promptTokens === null;
    const written = [...this.#written.values()].reduce((sum, tokens) => sum + tokens, 0);
    return {
      promptTokens: this.#promptTokens ?? (isEmpty ? 0 : this.#promptTokensEstimate),
      completionTokens: this.#completionTokens ?? (this.#written.size > 0 ? written : this.#events),
    };
  }
}

/** The event that names the role is none. */
function isToken({ delta, finish_reason }: Json): boolean {
  return delta === undefined || (delta as Json).role === undefined || finish_reason != null;
}
