import {
  BaseStore,
  type Item,
  type ListNamespacesOperation,
  type Operation,
  type OperationResults,
  type PutOperation,
  type SearchOperation,
} from "@langchain/langgraph-checkpoint";
import { type Authority, assertAuthority } from "../runs/authority.ts";
import type { StoreSettings } from "../settings.ts";
import type { Database, Transaction } from "../storage/database.ts";

interface ItemRow {
  namespace: string[];
  key: string;
  value: Record<string, unknown>;
  created_at: Date;
  updated_at: Date;
}

/** What the store cannot do as asked; the message says why and is meant for the caller. */
export class StoreRefusal extends Error {
  override name = "StoreRefusal";
}

/** Writes with a time to live and reads that may leave it as it is, which LangGraph's own interface has no words for. */
export type StoreOperation =
  | (PutOperation & { ttlMinutes?: number | null })
  | (Exclude<Operation, PutOperation> & { refreshTtl?: boolean });

const comparisons = ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"];

/** True for an item whose time is not over. */
const isAlive = "(expires_at is null or expires_at > clock_timestamp())";
const itemColumns = "namespace, key, value, created_at, updated_at";

/**
 * What one tenant keeps across threads. With an authority, each write is refused once the run belongs to someone else;
 * without one it serves people through the API.
 */
export class TenantStore extends BaseStore {
  readonly #database: Database;
  readonly #tenantId: string;
  readonly #limits: StoreSettings;
  readonly #authority: Authority | null;

  constructor(database: Database, tenantId: string, limits: StoreSettings, authority: Authority | null = null) {
    super();
    this.#database = database;
    this.#tenantId = tenantId;
    this.#limits = limits;
    this.#authority = authority;
  }

  override async batch<Operations extends Operation[]>(operations: Operations): Promise<OperationResults<Operations>> {
    return (await this.all(operations)) as OperationResults<Operations>;
  }

  /** All operations in one transaction, in their order; none counts when one is refused. */
  async all(operations: readonly StoreOperation[]): Promise<unknown[]> {
    return this.#database.asTenant(this.#tenantId, async (transaction) => {
      if (this.#authority !== null && operations.some((operation) => "value" in operation)) {
        await assertAuthority(transaction, this.#authority);
      }
      const results: unknown[] = [];
      for (const operation of operations) results.push(await this.#one(transaction, operation));
      return results;
    });
  }

  #one(transaction: Transaction, operation: StoreOperation): Promise<unknown> {
    if ("value" in operation) return this.#write(transaction, operation);
    if ("namespacePrefix" in operation) return search(transaction, operation);
    if ("key" in operation) return read(transaction, operation);
    return listNamespaces(transaction, operation as ListNamespacesOperation);
  }

  async #write(transaction: Transaction, operation: PutOperation & { ttlMinutes?: number | null }): Promise<void> {
    const { namespace, key, value, ttlMinutes = null } = operation;
    if (value === null) {
      await transaction.query("delete from orchestrator.store_items where namespace = $1 and key = $2", [
        namespace,
        key,
      ]);
      return;
    }
    const text = JSON.stringify(value);
    const bytes = Buffer.byteLength(text);
    if (bytes > this.#limits.maxItemBytes) {
      throw new StoreRefusal(`The value has ${bytes} bytes; an item may have ${this.#limits.maxItemBytes}.`);
    }
    const { rows } = await transaction.query<{ is_full: boolean }>(
      `select not exists (select 1 from orchestrator.store_items where namespace = $1 and key = $2)
         and (select count(*) from (select 1 from orchestrator.store_items limit $3) as counted) >= $3 as is_full`,
      [namespace, key, this.#limits.maxItems],
    );
    if (rows[0]?.is_full) {
      throw new StoreRefusal(
        `The store holds ${this.#limits.maxItems} items, as many as a tenant may have. Delete some.`,
      );
    }
    await transaction.query(
      `insert into orchestrator.store_items (tenant_id, namespace, key, value, ttl_minutes, expires_at)
       values ($1, $2, $3, $4, $5::float8, clock_timestamp() + make_interval(secs => $5::float8 * 60))
       on conflict (tenant_id, namespace, key) do update set value = excluded.value, ttl_minutes = excluded.ttl_minutes,
         expires_at = excluded.expires_at, updated_at = clock_timestamp()`,
      [this.#tenantId, namespace, key, text, ttlMinutes],
    );
  }
}

/** Removes items whose time is over; returns how many went. */
export async function forgetExpiredItems(database: Database): Promise<number> {
  const { rowCount } = await database.asOwner((transaction) =>
    transaction.query("delete from orchestrator.store_items where expires_at <= clock_timestamp()"),
  );
  return rowCount ?? 0;
}

async function read(
  transaction: Transaction,
  { namespace, key, refreshTtl = true }: { namespace: string[]; key: string; refreshTtl?: boolean },
): Promise<Item | null> {
  const { rows } = await transaction.query<ItemRow>(
    `select ${itemColumns} from orchestrator.store_items where namespace = $1 and key = $2 and ${isAlive}`,
    [namespace, key],
  );
  if (refreshTtl) await extend(transaction, rows);
  return rows[0] === undefined ? null : itemOf(rows[0]);
}

async function search(
  transaction: Transaction,
  operation: SearchOperation & { refreshTtl?: boolean },
): Promise<Item[]> {
  const { namespacePrefix, filter, query, limit = 10, offset = 0, refreshTtl = true } = operation;
  if (query !== undefined) {
    throw new StoreRefusal("The store has no index by meaning: search by namespace and filter, without a query.");
  }
  const conditions = Object.entries(filter ?? {}).flatMap(([key, wanted]) => conditionsOn(key, wanted));
  const { rows } = await transaction.query<ItemRow>(
    `select ${itemColumns} from orchestrator.store_items
      where namespace >= $1 and namespace[1:cardinality($1::text[])] = $1 and ${isAlive}
        and not exists (
          select 1 from unnest($2::text[], $3::text[], $4::text[]) as condition(field, comparison, operand)
           where not case
             when comparison = '$eq' then coalesce(value -> field = operand::jsonb, false)
             when comparison = '$ne' then coalesce(value -> field <> operand::jsonb, true)
             when jsonb_typeof(value -> field) is distinct from jsonb_typeof(operand::jsonb) then false
             when comparison = '$gt' then value -> field > operand::jsonb
             when comparison = '$gte' then value -> field >= operand::jsonb
             when comparison = '$lt' then value -> field < operand::jsonb
             else value -> field <= operand::jsonb end)
      order by updated_at desc, namespace, key limit $5 offset $6`,
    [
      namespacePrefix,
      conditions.map(({ field }) => field),
      conditions.map(({ comparison }) => comparison),
      conditions.map(({ operand }) => operand),
      limit,
      offset,
    ],
  );
  if (refreshTtl) await extend(transaction, rows);
  return rows.map(itemOf);
}

/** An object whose keys all begin with `$` compares; anything else must be equal. */
function conditionsOn(field: string, wanted: unknown): { field: string; comparison: string; operand: string }[] {
  const entries = typeof wanted === "object" && wanted !== null ? Object.entries(wanted) : [];
  const compares = entries.length > 0 && entries.every(([name]) => name.startsWith("$"));
  return (compares ? entries : [["$eq", wanted] as const]).map(([comparison, operand]) => {
    if (comparisons.includes(comparison)) return { field, comparison, operand: JSON.stringify(operand ?? null) };
    throw new StoreRefusal(
      `The filter on ${JSON.stringify(field)} uses ${JSON.stringify(comparison)}. Known: ${comparisons.join(", ")}.`,
    );
  });
}

async function listNamespaces(
  transaction: Transaction,
  { matchConditions = [], maxDepth, limit = 100, offset = 0 }: ListNamespacesOperation,
): Promise<string[][]> {
  const pathOf = (type: "prefix" | "suffix") =>
    matchConditions.find((condition) => condition.matchType === type)?.path ?? [];
  const { rows } = await transaction.query<{ found: string[] }>(
    `select distinct namespace[1:coalesce($3::int, cardinality(namespace))] as found from orchestrator.store_items
      where ${isAlive} and cardinality(namespace) >= greatest(cardinality($1::text[]), cardinality($2::text[]))
        and not exists (select 1 from unnest($1::text[]) with ordinality as part(label, place)
          where label <> '*' and namespace[place::int] <> label)
        and not exists (select 1 from unnest($2::text[]) with ordinality as part(label, place)
          where label <> '*' and namespace[(cardinality(namespace) - cardinality($2::text[]) + place)::int] <> label)
      order by found limit $4 offset $5`,
    [pathOf("prefix"), pathOf("suffix"), maxDepth ?? null, limit, offset],
  );
  return rows.map(({ found }) => found);
}

async function extend(transaction: Transaction, rows: readonly ItemRow[]): Promise<void> {
  for (const { namespace, key } of rows) {
    await transaction.query(
      `update orchestrator.store_items set expires_at = clock_timestamp() + make_interval(secs => ttl_minutes * 60)
        where namespace = $1 and key = $2 and ttl_minutes is not null`,
      [namespace, key],
    );
  }
}

function itemOf(row: ItemRow): Item {
  const { namespace, key, value, created_at, updated_at } = row;
  return { namespace, key, value, createdAt: created_at, updatedAt: updated_at };
}
