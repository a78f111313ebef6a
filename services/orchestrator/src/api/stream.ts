import { setTimeout as delay } from "node:timers/promises";
import { readEvents, type StoredEvent } from "../runs/events.ts";
import { isTerminal, type RunStatus } from "../runs/run.ts";
import type { Api } from "./context.ts";

/** How often the log is asked for news, and how often a quiet connection gets a comment that keeps it open. */
const pollMilliseconds = 50;
const keepAliveMilliseconds = 15_000;

/**
 * A run's log as server-sent events from after `lastEventId`, until the run has ended. Any replica can serve it: ids are
 * `<attempt>-<number>`, and the number alone decides where to go on.
 */
export function streamOf(
  api: Api,
  tenant: string,
  runId: string,
  lastEventId: string | null,
  onDisconnect: () => void,
): Response {
  const ended = new AbortController();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      try {
        let lastSentAt = Date.now();
        for await (const batch of follow(api, tenant, runId, sequenceOf(lastEventId), ended.signal)) {
          if (batch.length === 0 && Date.now() - lastSentAt < keepAliveMilliseconds) continue;
          controller.enqueue(encoder.encode(batch.length === 0 ? ": still here\n\n" : batch.map(frame).join("")));
          lastSentAt = Date.now();
        }
        controller.close();
      } catch (error) {
        // The client comes back with its last id; a stream that ends early must not look like one that is complete.
        if (!ended.signal.aborted) controller.error(error);
      }
    },
    cancel() {
      ended.abort();
      onDisconnect();
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" },
  });
}

/** Returns when the run has ended, was removed, or the caller has gone. */
export async function untilEnded(api: Api, tenant: string, runId: string, signal: AbortSignal): Promise<void> {
  for await (const _ of follow(api, tenant, runId, Number.MAX_SAFE_INTEGER, signal));
}

async function* follow(
  api: Api,
  tenant: string,
  runId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<StoredEvent[]> {
  let last = after;
  while (!signal.aborted) {
    const { status, events } = await readEvents(api.database, tenant, runId, last);
    last = events.at(-1)?.seq ?? last;
    yield events;
    if (events.length === 0 && (status === null || isTerminal(status as RunStatus))) return;
    if (events.length === 0) await delay(pollMilliseconds, undefined, { signal }).catch(() => {});
  }
}

function frame(entry: StoredEvent): string {
  return `id: ${entry.attempt}-${entry.seq}\nevent: ${entry.event}\ndata: ${entry.data}\n\n`;
}

function sequenceOf(lastEventId: string | null): number {
  const number = Number(lastEventId?.split("-").at(-1));
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}
