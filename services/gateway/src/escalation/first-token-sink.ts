import type { ApiError } from "../api-error.ts";
import type { Delivery } from "../continuation.ts";
import type { RelaySink } from "../relay.ts";
import type { Json } from "../request-fields.ts";

/**
 * A sink that somebody else may still take over while nothing has been delivered. From the first token on the answer
 * stays with the model that began it.
 */
export class FirstTokenSink implements RelaySink {
  readonly #sink: RelaySink;
  readonly #takeOver: (error: ApiError) => void;
  #hasBegun = false;
  /** Events without a token, such as the one with the role, that many engines send before they begin to work. */
  #held: Json[] = [];

  constructor(sink: RelaySink, takeOver: (error: ApiError) => void) {
    this.#sink = sink;
    this.#takeOver = takeOver;
  }

  deliver(delivery: Delivery): void {
    this.#hasBegun = true;
    this.#sink.deliver(delivery);
  }

  pass(event: Json): void {
    if (!this.#hasBegun && !hasToken(event)) {
      this.#held.push(event);
      return;
    }
    this.#release();
    this.#sink.pass(event);
  }

  whole(answer: Json): void {
    this.#hasBegun = true;
    this.#sink.whole(answer);
  }

  end(): void {
    this.#release();
    this.#sink.end();
  }

  fail(error: ApiError): void {
    if (this.#hasBegun) this.#sink.fail(error);
    else this.#takeOver(error);
  }

  #release(): void {
    this.#hasBegun = true;
    for (const event of this.#held.splice(0)) this.#sink.pass(event);
  }
}

function hasToken(event: Json): boolean {
  return (event.choices as Json[]).some(({ delta, text, finish_reason }) => {
    const { role: _, ...parts } = (delta ?? { text }) as Json;
    return finish_reason != null || Object.values(parts).some((part) => part != null && part !== "");
  });
}
