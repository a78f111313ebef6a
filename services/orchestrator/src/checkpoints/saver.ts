import { randomBytes } from "node:crypto";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointPendingWrite,
  type CheckpointTuple,
  compareWritesSortKeys,
  maxChannelVersion,
  type PendingWrite,
  TASKS,
  WRITES_IDX_MAP,
  writesSortKey,
} from "@langchain/langgraph-checkpoint";
import { type Authority, assertAuthority } from "../runs/authority.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { removeCheckpoints } from "../storage/thread-rows.ts";
import { linksOf, loadList, storeLinks } from "./chain.ts";
import { stateCodec } from "./codec.ts";

interface CheckpointRow {
  thread_id: string;
  checkpoint_ns: string;
  checkpoint_id: string;
  parent_checkpoint_id: string | null;
  type: string;
  checkpoint: Buffer;
  metadata: CheckpointMetadata;
}

/**
 * Checkpoints of one tenant. With an authority, each write is refused once the run belongs to someone else; without one
 * it serves people who read or edit a thread that has no live run.
 */
export class TenantSaver extends BaseCheckpointSaver<string> {
  readonly #database: Database;
  readonly #tenantId: string;
  readonly #authority: Authority | null;
  readonly #onStep: ((transaction: Transaction) => Promise<void>) | null;

  /** `onStep` works in the transaction that stores a superstep; what it throws keeps the superstep from being stored. */
  constructor(
    database: Database,
    tenantId: string,
    authority: Authority | null = null,
    onStep: ((transaction: Transaction) => Promise<void>) | null = null,
  ) {
    super(stateCodec);
    this.#onStep = onStep;
    this.#database = database;
    this.#tenantId = tenantId;
    this.#authority = authority;
  }

  /**
   * A version that no other writer ever makes. Values are stored under their version: with plain counters two runs that
   * leave the same checkpoint both write version n + 1, and one of them reads the other's value.
   */
  override getNextVersion(current: string | undefined): string {
    const next = current === undefined ? 1 : Number.parseInt(current, 10) + 1;
    return `${String(next).padStart(16, "0")}.${randomBytes(8).toString("hex")}`;
  }

  async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    if (config.configurable?.thread_id === undefined) return undefined;
    const { threadId, namespace, checkpointId } = addressOf(config);
    return this.#database.asTenant(this.#tenantId, async (transaction) => {
      const { rows } = await transaction.query<CheckpointRow>(
        `select * from orchestrator.checkpoints where thread_id = $1 and checkpoint_ns = $2
           and ($3::text is null or checkpoint_id = $3) order by checkpoint_id desc limit 1`,
        [threadId, namespace, checkpointId],
      );
      return rows[0] === undefined ? undefined : this.#tuple(transaction, rows[0]);
    });
  }

  async *list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
    const configurable = config.configurable ?? {};
    const before = options.before?.configurable?.checkpoint_id ?? null;
    const tuples = await this.#database.asTenant(this.#tenantId, async (transaction) => {
      const { rows } = await transaction.query<CheckpointRow>(
        `select * from orchestrator.checkpoints
          where ($1::text is null or thread_id = $1) and ($2::text is null or checkpoint_ns = $2)
            and ($3::text is null or checkpoint_id = $3) and ($4::text is null or checkpoint_id < $4)
            and metadata @> $5::jsonb
          order by checkpoint_id desc limit $6`,
        [
          configurable.thread_id ?? null,
          configurable.checkpoint_ns ?? null,
          configurable.checkpoint_id ?? null,
          before,
          JSON.stringify(options.filter ?? {}),
          options.limit ?? null,
        ],
      );
      const loaded: CheckpointTuple[] = [];
      for (const row of rows) loaded.push(await this.#tuple(transaction, row));
      return loaded;
    });
    yield* tuples;
  }

  async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { threadId, namespace, checkpointId } = addressOf(config);
    const { channel_values: values, ...skeleton } = checkpoint;
    const [type, bytes] = await this.serde.dumpsTyped(skeleton);
    await this.#write(async (transaction) => {
      for (const [channel, version] of Object.entries(newVersions)) {
        await this.#putValue(transaction, threadId, namespace, channel, String(version), values);
      }
      await transaction.query(
        `insert into orchestrator.checkpoints
           (tenant_id, thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, run_id, type, checkpoint, metadata)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (tenant_id, thread_id, checkpoint_ns, checkpoint_id)
           do update set type = excluded.type, checkpoint = excluded.checkpoint, metadata = excluded.metadata`,
        [
          this.#tenantId,
          threadId,
          namespace,
          checkpoint.id,
          checkpointId,
          this.#authority?.runId ?? null,
          type,
          Buffer.from(bytes),
          JSON.stringify(metadata),
        ],
      );
      // Last: it may lock what all runs of the tenant share.
      if (metadata.source === "loop") await this.#onStep?.(transaction);
    });
    return { configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpoint.id } };
  }

  async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string, taskPath = ""): Promise<void> {
    const { threadId, namespace, checkpointId } = addressOf(config);
    const rows = await Promise.all(
      writes.map(async ([channel, value], position) => ({
        channel,
        index: WRITES_IDX_MAP[channel] ?? position,
        value: await this.serde.dumpsTyped(value),
      })),
    );
    await this.#write(async (transaction) => {
      for (const { channel, index, value } of rows) {
        // Special channels (an error, an interrupt, a resume) are replaced; a task's result is written once.
        const onConflict =
          index < 0
            ? "do update set channel = excluded.channel, type = excluded.type, value = excluded.value"
            : "do nothing";
        await transaction.query(
          `insert into orchestrator.checkpoint_writes
             (tenant_id, thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, task_path, type, value)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           on conflict (tenant_id, thread_id, checkpoint_ns, checkpoint_id, task_id, idx) ${onConflict}`,
          [
            this.#tenantId,
            threadId,
            namespace,
            checkpointId,
            taskId,
            index,
            channel,
            taskPath,
            value[0],
            Buffer.from(value[1]),
          ],
        );
      }
    });
  }

  async deleteThread(threadId: string): Promise<void> {
    await this.#write((transaction) => removeCheckpoints(transaction, this.#tenantId, threadId));
  }

  #write(work: (transaction: Transaction) => Promise<void>): Promise<void> {
    return this.#database.asTenant(this.#tenantId, async (transaction) => {
      if (this.#authority !== null) await assertAuthority(transaction, this.#authority);
      await work(transaction);
    });
  }

  async #putValue(
    transaction: Transaction,
    threadId: string,
    namespace: string,
    channel: string,
    version: string,
    values: Record<string, unknown>,
  ): Promise<void> {
    const value = values[channel];
    const isAbsent = !Object.hasOwn(values, channel);
    let stored: [type: string, value: Buffer | null, head: Buffer | null] = ["absent", null, null];
    if (Array.isArray(value)) {
      const links = await linksOf(value, this.serde);
      await storeLinks(transaction, this.#tenantId, threadId, links);
      stored = ["list", null, links.at(-1)?.hash ?? null];
    } else if (!isAbsent) {
      const [type, bytes] = await this.serde.dumpsTyped(value);
      stored = [type, Buffer.from(bytes), null];
    }
    await transaction.query(
      `insert into orchestrator.checkpoint_blobs
         (tenant_id, thread_id, checkpoint_ns, channel, version, type, value, head)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
      [this.#tenantId, threadId, namespace, channel, version, ...stored],
    );
  }

  async #tuple(transaction: Transaction, row: CheckpointRow): Promise<CheckpointTuple> {
    const skeleton = (await this.serde.loadsTyped(row.type, row.checkpoint)) as Checkpoint;
    const address = { thread_id: row.thread_id, checkpoint_ns: row.checkpoint_ns };
    const values = await this.#values(transaction, row, skeleton.channel_versions);
    if (skeleton.v < 4 && row.parent_checkpoint_id !== null) {
      await this.#adoptPendingSends(transaction, row, skeleton, values);
    }
    const tuple: CheckpointTuple = {
      config: { configurable: { ...address, checkpoint_id: row.checkpoint_id } },
      checkpoint: { ...skeleton, channel_values: values },
      metadata: row.metadata,
      pendingWrites: await this.#pendingWrites(transaction, row),
    };
    if (row.parent_checkpoint_id !== null) {
      tuple.parentConfig = { configurable: { ...address, checkpoint_id: row.parent_checkpoint_id } };
    }
    return tuple;
  }

  /** Before the fourth checkpoint format, tasks to send lay in the parent's writes; the graph looks for them in a channel. */
  async #adoptPendingSends(
    transaction: Transaction,
    row: CheckpointRow,
    skeleton: Checkpoint,
    values: Record<string, unknown>,
  ): Promise<void> {
    const parent = { ...row, checkpoint_id: row.parent_checkpoint_id as string };
    const writes = await this.#pendingWrites(transaction, parent);
    values[TASKS] = writes.filter(([, channel]) => channel === TASKS).map(([, , value]) => value);
    const versions = Object.values(skeleton.channel_versions);
    skeleton.channel_versions[TASKS] =
      versions.length > 0 ? maxChannelVersion(...versions) : this.getNextVersion(undefined);
  }

  async #values(
    transaction: Transaction,
    row: CheckpointRow,
    versions: ChannelVersions,
  ): Promise<Record<string, unknown>> {
    const { rows } = await transaction.query<{
      channel: string;
      type: string;
      value: Buffer | null;
      head: Buffer | null;
    }>(
      `select b.channel, b.type, b.value, b.head from orchestrator.checkpoint_blobs b
         join unnest($3::text[], $4::text[]) as wanted(channel, version)
           on b.channel = wanted.channel and b.version = wanted.version
        where b.thread_id = $1 and b.checkpoint_ns = $2`,
      [row.thread_id, row.checkpoint_ns, Object.keys(versions), Object.values(versions).map(String)],
    );
    const values: Record<string, unknown> = {};
    for (const blob of rows) {
      if (blob.type === "absent") continue;
      values[blob.channel] =
        blob.type === "list"
          ? await loadList(transaction, this.#tenantId, row.thread_id, blob.head, this.serde)
          : await this.serde.loadsTyped(blob.type, blob.value as Buffer);
    }
    return values;
  }

  async #pendingWrites(transaction: Transaction, row: CheckpointRow): Promise<CheckpointPendingWrite[]> {
    const { rows } = await transaction.query<{
      task_id: string;
      idx: number;
      channel: string;
      task_path: string;
      type: string;
      value: Buffer;
    }>(
      `select task_id, idx, channel, task_path, type, value from orchestrator.checkpoint_writes
        where thread_id = $1 and checkpoint_ns = $2 and checkpoint_id = $3`,
      [row.thread_id, row.checkpoint_ns, row.checkpoint_id],
    );
    rows.sort((a, b) =>
      compareWritesSortKeys(writesSortKey(a.task_path, a.task_id, a.idx), writesSortKey(b.task_path, b.task_id, b.idx)),
    );
    return Promise.all(
      rows.map(
        async (write): Promise<CheckpointPendingWrite> => [
          write.task_id,
          write.channel,
          await this.serde.loadsTyped(write.type, write.value),
        ],
      ),
    );
  }
}

function addressOf(config: RunnableConfig) {
  const { thread_id, checkpoint_ns = "", checkpoint_id = null } = config.configurable ?? {};
  if (typeof thread_id !== "string") throw new Error("A checkpoint has no thread: configurable.thread_id is not set.");
  return { threadId: thread_id, namespace: checkpoint_ns as string, checkpointId: checkpoint_id as string | null };
}
