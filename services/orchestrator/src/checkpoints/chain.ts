import { createHash } from "node:crypto";
import type { SerializerProtocol } from "@langchain/langgraph-checkpoint";
import type { Transaction } from "../storage/database.ts";

interface Link {
  hash: Buffer;
  previous: Buffer | null;
  value: Uint8Array;
}

/** A list as a chain of hashed items; the head names the whole list. Null for the empty list. */
export async function linksOf(list: readonly unknown[], serde: SerializerProtocol): Promise<Link[]> {
  const links: Link[] = [];
  let previous: Buffer | null = null;
  for (const item of list) {
    // Wrapped, so that an item which is itself bytes keeps its kind.
    const [, value] = await serde.dumpsTyped([item]);
    const hash = createHash("sha256")
      .update(previous ?? "")
      .update(value)
      .digest()
      .subarray(0, 16);
    links.push({ hash, previous, value });
    previous = hash;
  }
  return links;
}

/** Stores the items that the thread does not hold yet: for a list that grew, only its new end. */
export async function storeLinks(transaction: Transaction, tenantId: string, threadId: string, links: readonly Link[]) {
  if (links.length === 0) return;
  const { rows } = await transaction.query<{ hash: Buffer }>(
    "select hash from orchestrator.checkpoint_items where tenant_id = $1 and thread_id = $2 and hash = any($3)",
    [tenantId, threadId, links.map((link) => link.hash)],
  );
  const known = new Set(rows.map((row) => Buffer.from(row.hash).toString("hex")));
  for (const link of links) {
    if (known.has(link.hash.toString("hex"))) continue;
    await transaction.query(
      "insert into orchestrator.checkpoint_items values ($1, $2, $3, $4, $5) on conflict do nothing",
      [tenantId, threadId, link.hash, link.previous, Buffer.from(link.value)],
    );
  }
}

/** The list that ends in `head`, oldest item first. */
export async function loadList(
  transaction: Transaction,
  tenantId: string,
  threadId: string,
  head: Buffer | null,
  serde: SerializerProtocol,
): Promise<unknown[]> {
  if (head === null) return [];
  const { rows } = await transaction.query<{ value: Buffer }>(
    `with recursive chain(previous, value, depth) as (
       select previous, value, 0 from orchestrator.checkpoint_items where tenant_id = $1 and thread_id = $2 and hash = $3
       union all
       select i.previous, i.value, c.depth + 1 from chain c
         join orchestrator.checkpoint_items i on i.tenant_id = $1 and i.thread_id = $2 and i.hash = c.previous)
     select value from chain order by depth desc`,
    [tenantId, threadId, head],
  );
  const items: unknown[] = [];
  for (const row of rows) items.push(((await serde.loadsTyped("json", row.value)) as unknown[])[0]);
  return items;
}
