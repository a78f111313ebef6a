import { randomUUID } from "node:crypto";
import type { StateSnapshot } from "@langchain/langgraph";
import { Hono } from "hono";
import * as z from "zod";
import { TenantSaver } from "../checkpoints/saver.ts";
import { pruneThread } from "../runs/retention.ts";
import type { Transaction } from "../storage/database.ts";
import { removeThread } from "../storage/thread-rows.ts";
import { type Api, bodyOf, type Call, type Caller, queryOf } from "./context.ts";
import { type JsonObject, toWire } from "./json.ts";
import { notFound, Problem } from "./problem.ts";

export interface ThreadRow {
  thread_id: string;
  status: string;
  metadata: JsonObject;
  values: JsonObject | null;
  interrupts: JsonObject;
  created_at: Date;
  updated_at: Date;
}

const json = z.record(z.string(), z.unknown());
const checkpoint = z.object({ checkpoint_id: z.string().optional(), checkpoint_ns: z.string().optional() });
const ttl = z
  .object({ ttl: z.number().positive().max(10_000_000), strategy: z.literal("delete").default("delete") })
  .meta({ description: "Minutes after its last use at which the thread goes. Left out: as the settings say." });
const changeBody = z.object({ metadata: json.nullish(), ttl: ttl.nullish() });
const superstep = z.object({
  updates: z.array(z.object({ values: z.unknown().optional(), as_node: z.string().nullish() })).min(1),
});
const createBody = changeBody.extend({
  thread_id: z.uuid().optional(),
  if_exists: z.enum(["raise", "do_nothing"]).nullish(),
  supersteps: z.array(superstep).max(1000).nullish().meta({
    description:
      "Changes of the state to begin with, as another thread's history has them; `metadata.graph_id` names the graph.",
  }),
});
const pruneBody = z.object({
  thread_ids: z.array(z.string()).max(1000),
  strategy: z.enum(["delete", "keep_latest"]).default("delete"),
});
const patchStateBody = z.object({ metadata: json });
const searchBody = z.object({
  metadata: json.nullish(),
  values: json.nullish(),
  ids: z.array(z.string()).nullish(),
  status: z.enum(["idle", "busy", "interrupted", "error"]).nullish(),
  limit: z.int().min(1).max(1000).default(10),
  offset: z.int().min(0).default(0),
  sort_by: z.enum(["thread_id", "status", "created_at", "updated_at"]).nullish(),
  sort_order: z.enum(["asc", "desc"]).nullish(),
});
const updateStateBody = z.object({
  values: z.union([json, z.array(json)]).nullish(),
  as_node: z.string().nullish(),
  checkpoint_id: z.string().nullish(),
  checkpoint: checkpoint.nullish(),
});
const stateAtBody = z.object({ checkpoint, subgraphs: z.boolean().nullish() });
const historyBody = z.object({
  limit: z.int().min(1).max(1000).default(10),
  before: z.union([z.string(), z.object({ configurable: checkpoint }), checkpoint]).nullish(),
  metadata: json.nullish(),
  checkpoint: checkpoint.nullish(),
});

const historyQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(10),
  before: z.string().optional(),
});

/** What the routes take as body, and the one as query. */
export const threadBodies = {
  create: createBody,
  change: changeBody,
  prune: pruneBody,
  patchState: patchStateBody,
  search: searchBody,
  updateState: updateStateBody,
  stateAt: stateAtBody,
  history: historyBody,
  historyQuery,
};

/** Routes below /threads that are not about runs. */
export function threadRoutes(api: Api) {
  const routes = new Hono<{ Variables: Caller }>();
  const max = api.settings.maxBodyBytes;

  routes.post("/", async (call) => {
    const body = await bodyOf(call, createBody, max);
    const id = body.thread_id ?? randomUUID();
    const graph = body.supersteps == null ? null : agentNamed(api, call.var.tenant, body.metadata?.graph_id);
    let isNew = false;
    const row = await api.database.asTenant(call.var.tenant, async (transaction) => {
      const created = await createThread(transaction, call.var.tenant, id, body.metadata ?? {}, body.ttl?.ttl);
      isNew = created !== null;
      return created ?? (body.if_exists === "do_nothing" ? findThread(transaction, id) : null);
    });
    // An id that another tenant holds reads the same as one of our own: it cannot be taken.
    if (row === null) throw new Problem(409, `There is a thread ${id} already.`);
    if (graph === null || !isNew) return call.json(wireThread(row));
    const supersteps = (body.supersteps ?? []).map(({ updates }) => ({
      updates: updates.map(({ values, as_node }) => ({ values, ...(as_node == null ? {} : { asNode: as_node }) })),
    }));
    await graph.bulkUpdateState({ configurable: { thread_id: id } }, supersteps);
    const { values } = await graph.getState({ configurable: { thread_id: id } });
    await showState(api, call.var.tenant, id, values);
    return call.json(wireThread(await thread(api, call, id)));
  });
  routes.post("/prune", async (call) => {
    const { thread_ids: ids, strategy } = await bodyOf(call, pruneBody, max);
    let count = 0;
    for (const id of ids) {
      count += await api.database.asTenant(call.var.tenant, async (transaction) => {
        const row = await findThread(transaction, id);
        if (row === null || (strategy === "keep_latest" && row.status === "busy")) return 0;
        if (strategy === "keep_latest") await pruneThread(transaction, id, 1, 0);
        else await removeThread(transaction, call.var.tenant, id);
        return 1;
      });
    }
    return call.json({ pruned_count: count });
  });
  routes.post("/search", async (call) => {
    const body = await bodyOf(call, searchBody, max);
    return call.json((await searchThreads(api, call.var.tenant, body)).map(wireThread));
  });
  routes.post("/count", async (call) => {
    const body = await bodyOf(call, searchBody, max);
    return call.json((await searchThreads(api, call.var.tenant, { ...body, limit: null, offset: 0 })).length);
  });
  routes.get("/:id", async (call) => call.json(wireThread(await thread(api, call))));
  routes.patch("/:id", async (call) => {
    const { metadata, ttl } = await bodyOf(call, changeBody, max);
    const row = await changeThread(api, call, metadata ?? {}, ttl?.ttl ?? null);
    return call.req.header("prefer") === "return=minimal" ? call.body(null, 204) : call.json(wireThread(row));
  });
  routes.delete("/:id", async (call) => {
    const row = await thread(api, call);
    await api.database.asTenant(call.var.tenant, (transaction) =>
      removeThread(transaction, call.var.tenant, row.thread_id),
    );
    return call.body(null, 204);
  });
  routes.post("/:id/copy", async (call) => {
    const row = await thread(api, call);
    return call.json(wireThread(await copyThread(api, call.var.tenant, row)));
  });
  routes.get("/:id/state", async (call) => call.json(await readState(api, call, await thread(api, call), {})));
  routes.get("/:id/state/:checkpoint", async (call) =>
    call.json(await readState(api, call, await thread(api, call), { checkpoint_id: call.req.param("checkpoint") })),
  );
  routes.post("/:id/state/checkpoint", async (call) => {
    const body = await bodyOf(call, stateAtBody, max);
    return call.json(await readState(api, call, await thread(api, call), body.checkpoint, body.subgraphs === true));
  });
  routes.patch("/:id/state", async (call) => {
    const { metadata } = await bodyOf(call, patchStateBody, max);
    await changeThread(api, call, metadata, null);
    return call.body(null, 204);
  });
  routes.post("/:id/state", async (call) => {
    const body = await bodyOf(call, updateStateBody, max);
    const row = await thread(api, call);
    if (row.status === "busy")
      throw new Problem(409, "The thread has a live run; its state can be changed when that ends.");
    const graph = await graphOf(api, call.var.tenant, row);
    if (graph === null)
      throw new Problem(422, "No agent has run on this thread; set metadata.graph_id when creating it.");
    const config = await graph.updateState(
      {
        configurable: {
          thread_id: row.thread_id,
          ...body.checkpoint,
          ...(body.checkpoint_id == null ? {} : { checkpoint_id: body.checkpoint_id }),
        },
      },
      body.values ?? null,
      body.as_node ?? undefined,
    );
    const state = await graph.getState({ configurable: { thread_id: row.thread_id } });
    await showState(api, call.var.tenant, row.thread_id, state.values);
    return call.json({ checkpoint: wireCheckpoint(config) });
  });
  const history = async (call: Call, body: z.output<typeof historyBody>) => {
    const row = await thread(api, call);
    const graph = await graphOf(api, call.var.tenant, row);
    const states: unknown[] = [];
    if (graph === null) return call.json(states);
    const before =
      typeof body.before === "string"
        ? body.before
        : body.before != null && "configurable" in body.before
          ? body.before.configurable.checkpoint_id
          : body.before?.checkpoint_id;
    const snapshots = graph.getStateHistory(
      { configurable: { thread_id: row.thread_id, checkpoint_ns: "", ...body.checkpoint } },
      {
        limit: body.limit,
        ...(before === undefined ? {} : { before: { configurable: { checkpoint_id: before } } }),
        ...(body.metadata == null ? {} : { filter: body.metadata }),
      },
    );
    for await (const snapshot of snapshots) states.push(wireState(snapshot));
    return call.json(states);
  };
  routes.get("/:id/history", (call) => history(call, queryOf(call, historyQuery)));
  routes.post("/:id/history", async (call) => history(call, await bodyOf(call, historyBody, max)));
  return routes;
}

/** A new thread; null when the id is taken, by whomever. */
export async function createThread(
  transaction: Transaction,
  tenant: string,
  id: string,
  metadata: JsonObject,
  ttlMinutes: number | null = null,
): Promise<ThreadRow | null> {
  const { rows } = await transaction.query<ThreadRow>(
    `insert into orchestrator.threads (thread_id, tenant_id, metadata, ttl_minutes) values ($1, $2, $3, $4)
     on conflict do nothing returning *`,
    [id, tenant, JSON.stringify(metadata), ttlMinutes],
  );
  return rows[0] ?? null;
}

/** The thread, if the transaction's tenant has it. */
export async function findThread(transaction: Transaction, id: string): Promise<ThreadRow | null> {
  const { rows } = await transaction.query<ThreadRow>("select * from orchestrator.threads where thread_id = $1", [id]);
  return rows[0] ?? null;
}

/** Adds to a thread's metadata, and says how long it is kept where that is told. */
async function changeThread(api: Api, call: Call, metadata: JsonObject, ttlMinutes: number | null): Promise<ThreadRow> {
  const id = call.req.param("id") ?? "";
  const { rows } = await api.database.asTenant(call.var.tenant, (transaction) =>
    transaction.query<ThreadRow>(
      `update orchestrator.threads set metadata = metadata || $2::jsonb, ttl_minutes = coalesce($3, ttl_minutes),
         updated_at = clock_timestamp() where thread_id = $1 returning *`,
      [id, JSON.stringify(metadata), ttlMinutes],
    ),
  );
  if (rows[0] === undefined) throw notFound("thread", id);
  return rows[0];
}

/** Shows a state that was changed by hand; a run that was accepted meanwhile goes on from it, and the thread stays busy. */
async function showState(api: Api, tenant: string, id: string, values: unknown): Promise<void> {
  await api.database.asTenant(tenant, (transaction) =>
    transaction.query(
      `update orchestrator.threads t set values = $2, interrupts = '{}', updated_at = clock_timestamp(),
         status = case when exists (select 1 from orchestrator.runs r where r.thread_id = t.thread_id
                                     and r.status in ('pending', 'running')) then 'busy' else 'idle' end
        where thread_id = $1`,
      [id, JSON.stringify(toWire(values))],
    ),
  );
}

/** The graph of a thread that is made with a state. */
function agentNamed(api: Api, tenant: string, name: unknown) {
  if (typeof name === "string" && api.agents.graphOf(name) !== undefined) {
    return api.agents.compile(name, new TenantSaver(api.database, tenant));
  }
  throw new Problem(422, "supersteps: metadata.graph_id names no agent whose state they could change.");
}

async function thread(api: Api, call: Call, id = call.req.param("id") ?? ""): Promise<ThreadRow> {
  const row = await api.database.asTenant(call.var.tenant, (transaction) => findThread(transaction, id));
  if (row === null) throw notFound("thread", id);
  return row;
}

type Search = Omit<z.output<typeof searchBody>, "limit"> & { limit: number | null };

async function searchThreads(api: Api, tenant: string, search: Search): Promise<ThreadRow[]> {
  // Both come from a fixed list that the schema checked; everything the caller wrote goes as a parameter.
  const order = `${search.sort_by ?? "updated_at"} ${search.sort_order ?? "desc"}`;
  const { rows } = await api.database.asTenant(tenant, (transaction) =>
    transaction.query<ThreadRow>(
      `select * from orchestrator.threads
        where metadata @> $1::jsonb and coalesce(values, '{}') @> $2::jsonb
          and ($3::text is null or status = $3) and ($4::text[] is null or thread_id = any($4))
        order by ${order}, thread_id limit $5 offset $6`,
      [
        JSON.stringify(search.metadata ?? {}),
        JSON.stringify(search.values ?? {}),
        search.status ?? null,
        search.ids ?? null,
        search.limit,
        search.offset,
      ],
    ),
  );
  return rows;
}

async function copyThread(api: Api, tenant: string, row: ThreadRow): Promise<ThreadRow> {
  const id = randomUUID();
  return api.database.asTenant(tenant, async (transaction) => {
    const { rows } = await transaction.query<ThreadRow>(
      `insert into orchestrator.threads (thread_id, tenant_id, status, metadata, values, interrupts)
       select $2, tenant_id, case when status = 'busy' then 'idle' else status end, metadata, values, interrupts
         from orchestrator.threads where thread_id = $1 returning *`,
      [row.thread_id, id],
    );
    const columns = {
      checkpoints: "checkpoint_ns, checkpoint_id, parent_checkpoint_id, run_id, type, checkpoint, metadata",
      checkpoint_blobs: "checkpoint_ns, channel, version, type, value, head",
      checkpoint_items: "hash, previous, value",
      checkpoint_writes: "checkpoint_ns, checkpoint_id, task_id, idx, channel, task_path, type, value",
    };
    for (const [table, names] of Object.entries(columns)) {
      await transaction.query(
        `insert into orchestrator.${table} (tenant_id, thread_id, ${names})
         select tenant_id, $2, ${names} from orchestrator.${table} where thread_id = $1`,
        [row.thread_id, id],
      );
    }
    return rows[0] as ThreadRow;
  });
}

/** The graph that last ran on the thread, or the one its metadata names; null when there is neither. */
async function graphOf(api: Api, tenant: string, row: ThreadRow) {
  const { rows } = await api.database.asTenant(tenant, (transaction) =>
    transaction.query<{ agent: string }>(
      `select request->>'agent' as agent from orchestrator.runs where thread_id = $1 order by created_at desc limit 1`,
      [row.thread_id],
    ),
  );
  const name = rows[0]?.agent ?? row.metadata.graph_id;
  if (typeof name !== "string" || api.agents.graphOf(name) === undefined) return null;
  return api.agents.compile(name, new TenantSaver(api.database, tenant));
}

async function readState(
  api: Api,
  call: Call,
  row: ThreadRow,
  at: z.output<typeof checkpoint>,
  subgraphs = call.req.query("subgraphs") === "true",
) {
  const graph = await graphOf(api, call.var.tenant, row);
  const config = { configurable: { thread_id: row.thread_id, ...at } };
  if (graph === null) return wireState({ values: {}, next: [], tasks: [], config });
  const snapshot = await graph.getState(config, { subgraphs });
  if (at.checkpoint_id !== undefined && snapshot.createdAt === undefined)
    throw notFound("checkpoint", at.checkpoint_id);
  return wireState(snapshot);
}

type Snapshot = Omit<StateSnapshot, "createdAt" | "metadata" | "parentConfig"> & Partial<StateSnapshot>;

function wireState(snapshot: Snapshot): unknown {
  return {
    values: toWire(snapshot.values),
    next: snapshot.next,
    tasks: snapshot.tasks.map((task) => ({
      id: task.id,
      name: task.name,
      error: task.error === undefined ? null : toWire(task.error),
      interrupts: toWire(task.interrupts),
      checkpoint: null,
      state: task.state !== undefined && "values" in task.state ? wireState(task.state as Snapshot) : null,
      result: null,
    })),
    interrupts: toWire(snapshot.tasks.flatMap((task) => task.interrupts)),
    metadata: toWire(snapshot.metadata ?? {}),
    created_at: snapshot.createdAt ?? null,
    checkpoint: wireCheckpoint(snapshot.config),
    parent_checkpoint: snapshot.parentConfig === undefined ? null : wireCheckpoint(snapshot.parentConfig),
  };
}

function wireCheckpoint(config: { configurable?: JsonObject }) {
  const { thread_id, checkpoint_id = null, checkpoint_ns = "", checkpoint_map = null } = config.configurable ?? {};
  return { thread_id, checkpoint_id, checkpoint_ns, checkpoint_map };
}

function wireThread(row: ThreadRow) {
  const { thread_id, status, metadata, values, interrupts, created_at, updated_at } = row;
  return { thread_id, status, metadata, values, interrupts, created_at, updated_at, config: {} };
}
