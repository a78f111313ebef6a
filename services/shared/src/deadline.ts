/**
 * A signal that aborts after a time, or with `signal`. AbortSignal.timeout is no part for AbortSignal.any: Node.js 20 collects it as
 * garbage while only the combination holds it, and then the time never ends.
 */
export function deadline(milliseconds: number, signal?: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const end = () => controller.abort(new DOMException("The time is up.", "TimeoutError"));
  setTimeout(end, milliseconds).unref();
  return signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
}
