import type { ServerResponse } from "node:http";
import { ApiError } from "./api-error.ts";

/** How long after its last event an answer can still be read on. */
const heldMilliseconds = 600_000;

interface HeldAnswer {
  readonly tenant: string;
  readonly events: string[];
  bytes: number;
  isOver: boolean;
  /** True once it outgrew what may be kept: then nothing of it can be read on. */
  isDropped: boolean;
  reader: ServerResponse | null;
  timer: NodeJS.Timeout | null;
}

/** Answers that a client may read on after it lost its connection. In memory of this replica, and nowhere else. */
export class HeldAnswers {
  readonly #answers = new Map<string, HeldAnswer>();
  #bytes = 0;

  open(id: string, tenant: string): void {
    this.#answers.set(id, { tenant, events: [], bytes: 0, isOver: false, isDropped: false, reader: null, timer: null });
  }

  append(id: string, event: string, most: { readonly answerBytes: number; readonly allBytes: number }): void {
    const answer = this.#answers.get(id);
    if (answer === undefined) return;
    answer.reader?.write(event);
    if (answer.isDropped) return;
    answer.events.push(event);
    answer.bytes += event.length;
    this.#bytes += event.length;
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
   * Sends what follows the event `lastEventId` (`<request id>:<number>`), then what is still to come. Throws a typed
   * error where nothing of it is kept here, or it belongs to another tenant.
   */
  readOn(lastEventId: string, tenant: string, response: ServerResponse): void {
    const [, id = "", number = ""] = /^([\w-]{1,64}):(\d{1,9})$/.exec(lastEventId) ?? [];
    const answer = this.#answers.get(id);
    if (
      answer === undefined ||
      answer.isDropped ||
      answer.tenant !== tenant ||
      Number(number) >= answer.events.length
    ) {
      throw new ApiError(
        410,
        "cannot_be_resumed",
        "Nothing is kept here of the answer that `Last-Event-ID` names; send the request anew.",
      );
    }
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
    this.#bytes -= this.#answers.get(id)?.bytes ?? 0;
    this.#answers.delete(id);
  }
}
