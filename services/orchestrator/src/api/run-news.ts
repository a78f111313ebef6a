import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "../storage/database.ts";

/** How often the runs that somebody follows are looked at. */
const pollMilliseconds = 50;

/** What a follower has seen of a run; without `lastSeq` only its status counts. */
export interface Seen {
  status: string;
  lastSeq?: number;
}

interface Follower {
  runId: string;
  seen: Seen;
  end(error?: unknown): void;
}

/**
 * Tells who follows runs on this replica when there is news of them. One question to the database serves all: if each
 * follower asked by itself, those of a queue that grows would take the time that its runs need.
 */
export class RunNews {
  readonly #database: Database;
  readonly #followers = new Set<Follower>();
  #isLooking = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Returns when the run is no longer as it was seen, is removed, or the signal comes. Throws when the database does not answer. */
  async changed(runId: string, seen: Seen, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve, reject) => {
      const follower: Follower = {
        runId,
        seen,
        end: (error) => {
          this.#followers.delete(follower);
          signal.removeEventListener("abort", onAbort);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const onAbort = () => follower.end();
      signal.addEventListener("abort", onAbort);
      this.#followers.add(follower);
      if (!this.#isLooking) void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    while (this.#followers.size > 0) {
      await delay(pollMilliseconds);
      const asking = [...this.#followers];
      try {
        const news = await this.#read([...new Set(asking.map((follower) => follower.runId))]);
        for (const follower of asking) if (isNews(follower.seen, news.get(follower.runId))) follower.end();
      } catch (error) {
        for (const follower of asking) follower.end(error);
      }
    }
    this.#isLooking = false;
  }

  /** Nothing of a run but its state and its counter, and only for ids that a tenant was shown before. */
  async #read(runIds: readonly string[]): Promise<Map<string, { status: string; last_seq: string }>> {
    const { rows } = await this.#database.asOwner((transaction) =>
      transaction.query<{ run_id: string; status: string; last_seq: string }>(
        "select run_id, status, last_seq from orchestrator.runs where run_id = any($1)",
        [runIds],
      ),
    );
    return new Map(rows.map((row) => [row.run_id, row]));
  }
}

function isNews(seen: Seen, now: { status: string; last_seq: string } | undefined): boolean {
  if (now === undefined || now.status !== seen.status) return true;
  return seen.lastSeq !== undefined && Number(now.last_seq) !== seen.lastSeq;
}
