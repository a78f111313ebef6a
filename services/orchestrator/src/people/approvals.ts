import { randomUUID } from "node:crypto";
import type { JsonObject } from "../api/json.ts";
import type { RunRow } from "../runs/run.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { answerProblem, isDenial, kindOf, lateAnswer } from "./question.ts";

/** A question to a person, and what became of it. */
export interface ApprovalRow {
  approval_id: string;
  tenant_id: string;
  thread_id: string;
  run_id: string;
  interrupt_id: string;
  kind: string;
  request: JsonObject;
  state: "open" | "answered" | "denied" | "expired" | "withdrawn";
  answer: unknown;
  decided_by: string | null;
  asked_at: Date;
  expires_at: Date;
  decided_at: Date | null;
}

/** An answer that cannot be taken, with what is wrong. */
export class AnswerRefused extends Error {
  override name = "AnswerRefused";
}

/**
 * Brings the thread's open questions in line with what its graph waits for now: new ones are written down, those that
 * nobody waits for any more are withdrawn.
 */
export async function recordQuestions(
  transaction: Transaction,
  run: { tenant_id: string; thread_id: string; run_id: string },
  interrupts: Record<string, unknown>,
  answerWithinSeconds: number,
): Promise<void> {
  const asked = Object.values(interrupts).flat() as { id?: string; value?: unknown }[];
  await transaction.query(
    `update orchestrator.approvals set state = 'withdrawn', decided_at = clock_timestamp()
      where thread_id = $1 and state = 'open' and interrupt_id <> all($2)`,
    [run.thread_id, asked.map((one) => one.id ?? "")],
  );
  for (const { id = "", value } of asked) {
    await transaction.query(
      `insert into orchestrator.approvals
         (approval_id, tenant_id, thread_id, run_id, interrupt_id, kind, request, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + make_interval(secs => $8))
       on conflict (thread_id, interrupt_id) where state = 'open' do nothing`,
      [
        randomUUID(),
        run.tenant_id,
        run.thread_id,
        run.run_id,
        id,
        kindOf(value),
        JSON.stringify(value ?? null),
        answerWithinSeconds,
      ],
    );
  }
}

/**
 * Records who answered the thread's open questions, in the transaction that accepts the run which goes on with them.
 * `resume` is the answer to the only question, or answers by the ids of their interrupts. Throws `AnswerRefused`.
 */
export async function answerQuestions(transaction: Transaction, threadId: string, resume: unknown, by: string) {
  const { rows } = await transaction.query<ApprovalRow & { is_late: boolean }>(
    `select *, expires_at < clock_timestamp() as is_late from orchestrator.approvals
      where thread_id = $1 and state = 'open' order by asked_at for update`,
    [threadId],
  );
  for (const { row, answer } of matched(rows, resume)) {
    if (row.is_late) throw new AnswerRefused("The time for an answer is over; what follows from that is under way.");
    const problem = answerProblem(row.kind, answer);
    if (problem !== null) throw new AnswerRefused(problem);
    await settle(transaction, row, isDenial(row.kind, answer) ? "denied" : "answered", answer, by);
  }
}

function matched<Row extends ApprovalRow>(rows: readonly Row[], resume: unknown): { row: Row; answer: unknown }[] {
  if (rows.length === 0) return [];
  const byId = typeof resume === "object" && resume !== null ? (resume as JsonObject) : {};
  const named = rows.filter((row) => Object.hasOwn(byId, row.interrupt_id));
  if (named.length > 0) return named.map((row) => ({ row, answer: byId[row.interrupt_id] }));
  const [only, ...more] = rows as [Row, ...Row[]];
  if (more.length === 0) return [{ row: only, answer: resume }];
  throw new AnswerRefused(
    `Several questions are open; give the answers by id: ${rows.map((row) => row.interrupt_id).join(", ")}.`,
  );
}

/**
 * Ends questions whose time is over: each gets the answer that does nothing, and a run goes on with it, so that the thread
 * comes to an end of its own. Returns how many ended.
 */
export async function expireQuestions(database: Database): Promise<number> {
  return database.asOwner(async (transaction) => {
    const { rows: threads } = await transaction.query<{ thread_id: string; status: string }>(
      `select t.thread_id, t.status from orchestrator.threads t
        where exists (select 1 from orchestrator.approvals a where a.thread_id = t.thread_id and a.state = 'open'
                        and a.expires_at < clock_timestamp())
          and not exists (select 1 from orchestrator.runs r where r.thread_id = t.thread_id
                        and r.status in ('pending', 'running'))
        limit 100 for update skip locked`,
    );
    let ended = 0;
    for (const { thread_id: threadId, status } of threads) {
      const { rows } = await transaction.query<ApprovalRow>(
        `select * from orchestrator.approvals where thread_id = $1 and state = 'open' and expires_at < clock_timestamp()`,
        [threadId],
      );
      // Somebody changed the thread's state by hand: nothing waits for the answer.
      const isWaiting = status === "interrupted";
      const answers: JsonObject = {};
      for (const row of rows) {
        answers[row.interrupt_id] = lateAnswer(row.kind);
        const answer = isWaiting ? answers[row.interrupt_id] : null;
        await settle(transaction, row, isWaiting ? "expired" : "withdrawn", answer, "expiry");
      }
      if (isWaiting && rows[0] !== undefined) await goOnWith(transaction, rows[0].run_id, answers);
      ended += rows.length;
    }
    return ended;
  });
}

async function settle(
  transaction: Transaction,
  row: ApprovalRow,
  state: ApprovalRow["state"],
  answer: unknown,
  by: string,
): Promise<void> {
  await transaction.query(
    `update orchestrator.approvals set state = $2, answer = $3, decided_by = $4, decided_at = clock_timestamp()
      where approval_id = $1`,
    [row.approval_id, state, JSON.stringify(answer ?? null), by],
  );
}

/** A run as the one that asked, which resumes with these answers. */
async function goOnWith(transaction: Transaction, runId: string, answers: JsonObject): Promise<void> {
  const { rows } = await transaction.query<RunRow>("select * from orchestrator.runs where run_id = $1", [runId]);
  const [asking] = rows;
  if (asking === undefined) return;
  const request = { ...asking.request, input: null, command: { resume: answers }, checkpoint: null };
  await transaction.query(
    `insert into orchestrator.runs (run_id, tenant_id, thread_id, assistant_id, graph_id, max_attempts, request, metadata,
       multitask_strategy, is_stateless)
     select $2, tenant_id, thread_id, assistant_id, graph_id, max_attempts, $3, metadata, 'enqueue', is_stateless
       from orchestrator.runs where run_id = $1`,
    [runId, randomUUID(), JSON.stringify(request)],
  );
  await transaction.query(
    "update orchestrator.threads set status = 'busy', updated_at = clock_timestamp() where thread_id = $1",
    [asking.thread_id],
  );
}
