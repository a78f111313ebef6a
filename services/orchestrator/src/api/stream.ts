import { readEvents, type StoredEvent } from "../runs/events.ts";
import { isTerminal, type RunStatus } from "../runs/run.ts";
import type { Api } from "./context.ts";

/** How often a quiet connection gets a comment that keeps it open. */
const keepAliveMilliseconds = 15_000;
/** Events that every reader gets, whatever it asks for: the start of an attempt, and why a run ended. */
const always: readonly string[] = ["metadata", "error"];

/** From where a reader goes on, and what it wants of it. */
export interface Reading {
  lastEventId: string | null;
  /** Names of events; null for all. */
  modes: ReadonlySet<string> | null;
}

/**
 * A run's log as server-sent events from after `lastEventId`, until the run has ended. Any replica can serve it: ids are
 * `<attempt>-<number>`, and the number alone decides where to go on.
 */
export function streamOf(
  api: Api,
  tenant: string,
  runId: string,
  { lastEventId, modes }: Reading,
  onDisconnect: () => void,
): Response {
  return eventStream(async function* (signal) {
    for await (const batch of followRun(api, tenant, runId, sequenceOf(lastEventId), signal)) {
      yield batch
        .filter((entry) => isAsked(entry, modes))
        .map((entry) => frame(entry, `${entry.attempt}-${entry.seq}`))
        .join("");
    }
  }, onDisconnect);
}

/** What `texts` yields as a response that stays open; the signal says that the reader has gone. */
export function eventStream(
  texts: (signal: AbortSignal) => AsyncIterable<string>,
  onDisconnect: () => void = () => {},
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
          for await (const text of texts(ended.signal)) if (text !== "") controller.enqueue(encoder.encode(text));
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

/** The entries of a run's log after a number, as they come, until the run has ended. */
export async function* followRun(
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

/** Whether a reader wants an entry; events of subgraphs carry their namespace behind the name. */
export function isAsked({ event }: StoredEvent, modes: ReadonlySet<string> | null): boolean {
  const [name = ""] = event.split(/[|/]/);
  if (modes === null || always.includes(name) || modes.has(name)) return true;
  return name === "messages" && modes.has("messages-tuple");
}

export function frame({ event, data }: StoredEvent, id: string): string {
  return `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
}

/** The number at the end of an event's id; 0, which is the beginning, where there is none. */
export function sequenceOf(lastEventId: string | null): number {
  const number = Number(lastEventId?.split("-").at(-1));
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}
