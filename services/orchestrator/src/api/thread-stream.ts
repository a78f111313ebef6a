import { setTimeout as delay } from "node:timers/promises";
import type { Api } from "./context.ts";
import { eventStream, followRun, frame, isAsked, sequenceOf } from "./stream.ts";

/** How often a thread without a live run is asked for the next one. */
const idleMilliseconds = 200;

/** A run's place in its thread; it stays one when the run is removed. */
interface Place {
  run_id: string;
  /** As the database writes it: a date of this process has fewer digits. */
  created_at: string;
}

/**
 * The runs of a thread one after the other, as long as the reader stays: the live one and those that follow, or all after
 * `lastEventId`. Ids are `<run>:<attempt>-<number>`, so that any replica goes on behind them.
 */
export function threadStreamOf(
  api: Api,
  tenant: string,
  threadId: string,
  lastEventId: string | null,
  modes: ReadonlySet<string> | null,
): Response {
  const found = (condition: string, ...values: (string | null)[]) => findRun(api, tenant, threadId, condition, values);
  return eventStream(async function* (signal) {
    const [lastRun = "", lastEntry] = lastEventId?.split(":") ?? [];
    let place = lastEntry === undefined ? null : await found("run_id = $2", lastRun);
    let [next, after] = [place, sequenceOf(lastEntry ?? null)];
    // Nothing to go on from: what has ended before the reader came is history, not news.
    if (place === null) place = await found(beforeAllLive);
    while (!signal.aborted) {
      next ??= await found(following, place?.created_at ?? null, place?.run_id ?? null);
      if (next === null) {
        await delay(idleMilliseconds, undefined, { signal }).catch(() => {});
        continue;
      }
      const { run_id: runId } = next;
      for await (const batch of followRun(api, tenant, runId, after, signal)) {
        yield batch
          .filter((entry) => isAsked(entry, modes))
          .map((entry) => frame(entry, `${runId}:${entry.attempt}-${entry.seq}`))
          .join("");
      }
      [place, next, after] = [next, null, 0];
    }
  });
}

/** The newest run that ended before all live ones. */
const beforeAllLive = `status not in ('pending', 'running') and not exists (
  select from orchestrator.runs o where o.thread_id = r.thread_id and o.status in ('pending', 'running')
     and (o.created_at, o.run_id) < (r.created_at, r.run_id))
  order by r.created_at desc, run_id desc`;
/** The oldest run after a place, or of all. */
const following = `($2::timestamptz is null or (r.created_at, run_id) > ($2::timestamptz, $3::text))
  order by r.created_at, run_id`;

/** The first run of the thread on which a condition of this file holds, or null. */
async function findRun(
  api: Api,
  tenant: string,
  threadId: string,
  condition: string,
  values: readonly (string | null)[],
): Promise<Place | null> {
  const { rows } = await api.database.asTenant(tenant, (transaction) =>
    transaction.query<Place>(
      `select run_id, r.created_at::text as created_at from orchestrator.runs r where thread_id = $1 and ${condition} limit 1`,
      [threadId, ...values],
    ),
  );
  return rows[0] ?? null;
}
