import type { Transaction } from "./database.ts";

/** Removes the thread's checkpoints; the thread itself stays. */
export async function removeCheckpoints(transaction: Transaction, tenantId: string, threadId: string): Promise<void> {
  const tables = ["checkpoints", "checkpoint_blobs", "checkpoint_items", "checkpoint_writes"];
  for (const table of tables) await removeFrom(transaction, table, tenantId, threadId);
}

/** Removes the thread with all it holds; runs, their events and what else refers to it go by foreign key. */
export async function removeThread(transaction: Transaction, tenantId: string, threadId: string): Promise<void> {
  await removeCheckpoints(transaction, tenantId, threadId);
  await removeFrom(transaction, "tool_calls", tenantId, threadId);
  await removeFrom(transaction, "threads", tenantId, threadId);
}

async function removeFrom(transaction: Transaction, table: string, tenantId: string, threadId: string): Promise<void> {
  await transaction.query(`delete from orchestrator.${table} where tenant_id = $1 and thread_id = $2`, [
    tenantId,
    threadId,
  ]);
}
