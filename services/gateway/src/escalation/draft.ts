import type { ApiError } from "../api-error.ts";
import { Relay, type RelayRequest, type RelaySink } from "../relay.ts";
import type { Json } from "../request-fields.ts";
import type { Surroundings } from "../surroundings.ts";

export type Draft = { readonly answer: Json } | { readonly error: ApiError } | { readonly isLate: true };

/**
 * Asks for a whole answer and keeps it: nothing of it goes to the caller. `relays` holds the request while it is under
 * way, so that a process that stops waits for it.
 */
export function draftOf(
  around: Surroundings,
  request: RelayRequest,
  deadlineMilliseconds: number,
  signal: AbortSignal,
  relays: Set<Relay>,
): Promise<Draft> {
  return new Promise((resolve) => {
    const finish = (draft: Draft) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      relays.delete(relay);
      resolve(draft);
    };
    const stop = () => {
      relay.cancel();
      finish({ isLate: true });
    };
    let answer: Json = {};
    const unexpected = () => {};
    const sink: RelaySink = {
      deliver: unexpected,
      pass: unexpected,
      whole: (whole) => {
        answer = whole;
      },
      end: () => finish({ answer }),
      fail: (error) => finish({ error }),
    };
    const timer = setTimeout(stop, deadlineMilliseconds);
    const relay = new Relay(around, { ...request, continuation: null }, sink);
    relays.add(relay);
    signal.addEventListener("abort", stop, { once: true });
    relay.start();
  });
}
