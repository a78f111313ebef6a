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

  constructor(sink: RelaySink, takeOver: (error: ApiError) => void) {
    this.#sink = sink;
    this.#takeOver = takeOver;
  }

  deliver(delivery: Delivery): void {
    this.#hasBegun = true;
    this.#sink.deliver(delivery);
  }

  pass(event: Json): void {
    this.#hasBegun = true;
    this.#sink.pass(event);
  }

  whole(answer: Json): void {
    this.#hasBegun = true;
    this.#sink.whole(answer);
  }

  end(): void {
    this.#sink.end();
  }

  fail(error: ApiError): void {
    if (this.#hasBegun) this.#sink.fail(error);
    else this.#takeOver(error);
  }
}
