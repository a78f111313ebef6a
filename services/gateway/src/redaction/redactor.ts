import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { ApiError } from "../api-error.ts";
import { NotRedactable, redactBody } from "./body-redaction.ts";
import type { OwnPattern } from "./text-redaction.ts";

type Json = Record<string, unknown>;

const issued = Symbol("issued by the redactor");
const role = "freehold redactor";
/** How long a thread may take to start. That is no work on a request: under load it takes longer than any of it. */
const startMilliseconds = 10_000;

/** A body without identifiers, as it may leave. Only the redactor makes one, and the dialler asks for it. */
export class RedactedBody {
  readonly text: string;
  /** Value by placeholder, to put back into the answer. */
  readonly values: ReadonlyMap<string, string>;

  constructor(proof: typeof issued, text: string, values: ReadonlyMap<string, string>) {
    if (proof !== issued) throw new Error("A redacted body comes from the redactor alone.");
    this.text = text;
    this.values = values;
  }
}

export interface RedactorOptions {
  readonly timeoutMilliseconds: number;
  readonly patterns: readonly OwnPattern[];
}

interface Order {
  readonly id: number;
  readonly body: Json;
}

type Report =
  | { readonly isReady: true }
  | { readonly id: number; readonly text: string; readonly values: ReadonlyMap<string, string> }
  | { readonly id: number; readonly place: string; readonly what: string }
  | { readonly id: number; readonly fault: string };

interface Pending {
  readonly order: Order;
  /** Runs once the thread is there. */
  timer: NodeJS.Timeout | undefined;
  resolve(redacted: RedactedBody): void;
  reject(error: ApiError): void;
}

/**
 * Takes identifiers out of bodies, in a thread of its own: a long text or a bad pattern holds up no other answer, and a
 * deadline means something. Whatever goes wrong there, nothing leaves: the request gets a typed error.
 */
export class Redactor {
  readonly #options: RedactorOptions;
  /** In the order in which the thread works on them. */
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | null = null;
  #isReady = false;
  #last = 0;

  constructor(options: RedactorOptions) {
    this.#options = options;
  }

  redact(body: Json): Promise<RedactedBody> {
    return new Promise((resolve, reject) => {
      this.#last += 1;
      const order = { id: this.#last, body };
      const pending = { order, timer: undefined, resolve, reject };
      this.#pending.set(order.id, pending);
      this.#thread().postMessage(order);
      if (this.#isReady) this.#time(pending);
    });
  }

  async close(): Promise<void> {
    for (const id of this.#pending.keys()) this.#settle(id)?.reject(failed());
    await this.#worker?.terminate();
    this.#worker = null;
  }

  #thread(): Worker {
    if (this.#worker !== null) return this.#worker;
    // The service is one file: the same one, in the part of the redactor.
    const worker = new Worker(new URL(import.meta.url), { workerData: { role, patterns: this.#options.patterns } });
    worker.unref();
    const start = setTimeout(() => void worker.terminate(), startMilliseconds).unref();
    worker.on("message", (report: Report) => {
      if (!("isReady" in report)) return this.#report(report);
      clearTimeout(start);
      if (this.#worker !== worker) return;
      this.#isReady = true;
      for (const pending of this.#pending.values()) this.#time(pending);
    });
    worker.on("error", () => this.#lose(worker));
    worker.on("exit", () => {
      clearTimeout(start);
      this.#lose(worker);
    });
    this.#worker = worker;
    this.#isReady = false;
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    return worker;
  }

  #time(pending: Pending): void {
    pending.timer = setTimeout(() => this.#expire(pending.order.id), this.#options.timeoutMilliseconds);
  }

  #report(report: Exclude<Report, { readonly isReady: true }>): void {
    const pending = this.#settle(report.id);
    if (pending === undefined) return;
    if ("text" in report) pending.resolve(new RedactedBody(issued, report.text, report.values));
    else if ("place" in report) pending.reject(notRedactable(report.place, report.what));
    else pending.reject(failed());
  }

  /** The thread is stopped in the middle of its work; what waited behind that gets a new one. */
  #expire(id: number): void {
    this.#settle(id)?.reject(failed());
    const stuck = this.#worker;
    this.#worker = null;
    void stuck?.terminate();
    for (const { order } of this.#pending.values()) this.#thread().postMessage(order);
  }

  #lose(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    for (const id of this.#pending.keys()) this.#settle(id)?.reject(failed());
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending !== undefined) clearTimeout(pending.timer);
    this.#pending.delete(id);
    return pending;
  }
}

/** Whether this thread is a redactor's; then it serves until it is stopped. */
export function servesRedactions(): boolean {
  const given = workerData as { role?: unknown; patterns: OwnPattern[] } | null;
  if (isMainThread || given?.role !== role || parentPort === null) return false;
  const port = parentPort;
  port.postMessage({ isReady: true } satisfies Report);
  port.on("message", ({ id, body }: Order) => {
    try {
      const redacted = redactBody(body, given.patterns);
      port.postMessage({ id, text: JSON.stringify(redacted.body), values: redacted.values } satisfies Report);
    } catch (error) {
      const report: Report =
        error instanceof NotRedactable
          ? { id, place: error.place, what: error.message }
          : { id, fault: (error as Error).name };
      port.postMessage(report);
    }
  });
  return true;
}

function failed(): ApiError {
  return new ApiError(503, "redactor_failed", "The redactor did not finish, so nothing was sent.", {
    retryAfterSeconds: 1,
  });
}

function notRedactable(place: string, what: string): ApiError {
  return new ApiError(403, "cannot_be_redacted", `\`${place}\` ${what}; data of this class leaves only redacted.`, {
    param: place,
  });
}
