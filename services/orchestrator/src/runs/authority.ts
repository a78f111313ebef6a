import type { Transaction } from "../storage/database.ts";

/** The right to write for one attempt of one run. It ends when the lease does, whatever the worker believes. */
export interface Authority {
  runId: string;
  fence: bigint;
}

/** The worker's right to write is gone: its lease ran out, the run was taken over or it was ended by someone else. */
export class AuthorityLost extends Error {
  override name = "AuthorityLost";
  constructor(runId: string) {
    super(`Run ${runId} no longer belongs to this worker.`);
  }
}

/**
 * Throws unless the run is still held under this fence, by the database's clock. It locks the run's row until the
 * transaction ends, so nobody takes over between the question and the write.
 */
export async function assertAuthority(transaction: Transaction, authority: Authority): Promise<void> {
  const { rowCount } = await transaction.query(
    `select 1 from orchestrator.runs
      where run_id = $1 and fence = $2 and status = 'running' and lease_until > clock_timestamp() for update`,
    [authority.runId, authority.fence],
  );
  if (rowCount !== 1) throw new AuthorityLost(authority.runId);
}
