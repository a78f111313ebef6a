import { readEvents, type StoredEvent } from "../runs/events.ts";
import { isTerminal, type RunStatus } from "../runs/run.ts";
import type { Api } from "./context.ts";

/** How often a quiet connection gets a comment that keeps it open. */
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
        const keepAlive = setInterval(
          () => controller.enqueue(encoder.encode(": still here\n\n")),
          keepAliveMilliseconds,
        );
        try {
          for await (const batch of follow(api, tenant, runId, sequenceOf(lastEventId), ended.signal)) {
            if (batch.length > 0) controller.enqueue(encoder.encode(batch.map(frame).join("")));
          }
        } finally {
          clearInterval(keepAlive);
        }
        if (!ended.signal.aborted) controller.close();
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
  while (!signal.aborted) {
    const { status } = await readEvents(api.database, tenant, runId, Number.MAX_SAFE_INTEGER);
    if (status === null || isTerminal(status as RunStatus)) return;
    await api.news.changed(runId, { status }, signal);
  }
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
    const { status, lastSeq, events } = await readEvents(api.database, tenant, runId, last);
    last = events.at(-1)?.seq ?? last;
    yield events;
    if (events.length > 0) continue;
    if (status === null || isTerminal(status as RunStatus)) return;
    await api.news.changed(runId, { status, lastSeq }, signal);
  }
}

function frame(entry: StoredEvent): string {
  return `id: ${entry.attempt}-${entry.seq}\nevent: ${entry.event}\ndata: ${entry.data}\n\n`;
}

function sequenceOf(lastEventId: string | null): number {
  const number = Number(lastEventId?.split("-").at(-1));
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}
