import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { ApiError } from "./api-error.ts";
import type { Caller } from "./identity.ts";

/** How long after its last event an answer can still be read on. Kept by timers, which a clock that jumps does not move. */
const heldMilliseconds = 600_000;
/** Unsent bytes at which a reader counts as gone. */
const mostUnsentBytes = 8 * 1024 * 1024;

interface HeldAnswer {
  readonly caller: Caller;
  readonly events: string[];
  bytes: number;
  isOver: boolean;
  /** True once it outgrew what may be kept: then nothing of it can be read on. */
  isDropped: boolean;
  reader: ServerResponse | null;
  timer: NodeJS.Timeout | null;
}

/** Why an answer cannot be read on, as the caller is told. */
const because = {
  malformed: "`Last-Event-ID` is none of this gateway's.",
  not_kept: "Answers of this data class are not kept.",
  other_replica: "Another replica of the gateway has it, or had it before it was started anew.",
  too_large: "It was longer than what may be kept.",
  not_here: "Its time is over, or there was none.",
  ahead: "`Last-Event-ID` is ahead of what was sent.",
} as const;

/** Answers that a client may read on after it lost its connection. In memory of this replica, and nowhere else. */
export class HeldAnswers {
  readonly #answers = new Map<string, HeldAnswer>();
  /** Stands in every event's id, so that another replica can say whose it is. */
  readonly #replica = randomBytes(4).toString("hex");
  #bytes = 0;

  /** What the ids of an answer's events begin with; a number follows. */
  eventIdPrefix(id: string): string {
    return `${this.#replica}.${id}:`;
  }

  open(id: string, caller: Caller): void {
    this.#forget(id);
    this.#answers.set(id, { caller, events: [], bytes: 0, isOver: false, isDropped: false, reader: null, timer: null });
  }

  append(id: string, event: string, most: { readonly answerBytes: number; readonly allBytes: number }): void {
    const answer = this.#answers.get(id);
    if (answer === undefined) return;
    answer.reader?.write(event);
    if ((answer.reader?.writableLength ?? 0) > mostUnsentBytes) answer.reader?.destroy();
    if (answer.isDropped) return;
    const bytes = Buffer.byteLength(event);
    answer.events.push(event);
    answer.bytes += bytes;
    this.#bytes += bytes;
    if (answer.bytes > most.answerBytes || this.#bytes > most.allBytes) {
      answer.isDropped = true;
      answer.events.length = 0;
      this.#bytes -= answer.bytes;
      answer.bytes = 0;
    }
  }

  finish(id: string): void {
    const answer = this.#answers.get(id);
    if (answer === undefined) return;
    answer.isOver = true;
    answer.reader?.end();
    answer.timer = setTimeout(() => this.#forget(id), heldMilliseconds);
    answer.timer.unref();
  }

  /**
   * Sends what follows the event `lastEventId`, then what is still to come. Throws a typed error that says why where
   * that cannot be; an answer of another tenant, or of another data class, is none that is here.
   */
  readOn(lastEventId: string, caller: Caller, isKept: boolean, response: ServerResponse): void {
    const parts = /^([0-9a-f]{8})\.([\w-]{1,64}):(\d{1,9})$/.exec(lastEventId);
    if (parts === null) throw cannot("malformed");
    const [, replica, id = "", number] = parts;
    if (!isKept) throw cannot("not_kept");
    if (replica !== this.#replica) throw cannot("other_replica");
    const answer = this.#answers.get(id);
    if (answer?.caller.tenant !== caller.tenant || answer.caller.dataClass !== caller.dataClass)
      throw cannot("not_here");
    if (answer.isDropped) throw cannot("too_large");
    if (Number(number) >= answer.events.length) throw cannot("ahead");
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-request-id": id,
    });
    for (const event of answer.events.slice(Number(number) + 1)) response.write(event);
    if (answer.isOver) {
      response.end();
      return;
    }
    answer.reader?.destroy();
    answer.reader = response;
    response.on("close", () => {
      if (answer.reader === response) answer.reader = null;
    });
  }

  #forget(id: string): void {
    const answer = this.#answers.get(id);
    if (answer === undefined) return;
    if (answer.timer !== null) clearTimeout(answer.timer);
    this.#bytes -= answer.bytes;
    this.#answers.delete(id);
  }
}

function cannot(reason: keyof typeof because): ApiError {
  const message = `This answer cannot be read on: ${because[reason]} Send the request anew.`;
  return new ApiError(410, "cannot_be_resumed", message, { param: "last-event-id", reason });
}
