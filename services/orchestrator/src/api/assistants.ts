import { randomUUID } from "node:crypto";
import { uuid5 } from "@langchain/langgraph-checkpoint";
import { Hono } from "hono";
import * as z from "zod";
import { type AssistantRow, beginning, isBuiltIn, keepVersion, wireAssistant } from "./assistant-row.ts";
import { type Api, bodyOf, type Caller } from "./context.ts";
import { notFound, Problem } from "./problem.ts";

const namespace = "6ba7b821-9dad-11d1-80b4-00c04fd430c8";
const json = z.record(z.string(), z.unknown());

const text = { name: z.string().max(200).optional(), description: z.string().nullish() };
const createBody = z.object({
  assistant_id: z.uuid().optional(),
  graph_id: z.string(),
  ...text,
  config: json.default({}),
  context: json.default({}),
  metadata: json.default({}),
  if_exists: z.enum(["raise", "do_nothing"]).default("raise"),
});
// Without defaults: what a change leaves out stays as it is.
const updateBody = z.object({
  graph_id: z.string().optional(),
  ...text,
  config: json.optional(),
  context: json.optional(),
  metadata: json.optional(),
});
const filter = { graph_id: z.string().nullish(), name: z.string().nullish(), metadata: json.nullish() };
const countBody = z.object(filter);
const searchBody = z.object({
  ...filter,
  limit: z.int().min(1).max(1000).default(10),
  offset: z.int().min(0).default(0),
  sort_by: z.enum(["assistant_id", "graph_id", "name", "created_at", "updated_at"]).nullish(),
  sort_order: z.enum(["asc", "desc"]).nullish(),
});

/** What the routes take as body. */
export const assistantBodies = { create: createBody, update: updateBody, search: searchBody, count: countBody };

/** An assistant by its id, or by the name of an agent of the settings file; agents win over rows. */
export async function resolveAssistant(api: Api, tenant: string, id: string): Promise<AssistantRow> {
  const agent = api.agents.names().find((name) => name === id || assistantId(name) === id);
  if (agent !== undefined) return builtIn(agent);
  const { rows } = await api.database.asTenant(tenant, (transaction) =>
    transaction.query<AssistantRow>("select * from orchestrator.assistants where assistant_id = $1", [id]),
  );
  if (rows[0] === undefined) throw notFound("assistant", id);
  return rows[0];
}

/** Routes below /assistants. */
export function assistantRoutes(api: Api) {
  const routes = new Hono<{ Variables: Caller }>();
  routes.post("/", async (call) => {
    const body = await bodyOf(call, createBody, api.settings.maxBodyBytes);
    knownAgent(api, body.graph_id);
    const id = body.assistant_id ?? randomUUID();
    const row = await api.database.asTenant(call.var.tenant, async (transaction) => {
      const { rows } = await transaction.query<AssistantRow>(
        `insert into orchestrator.assistants (assistant_id, tenant_id, graph_id, name, description, config, context, metadata)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning *`,
        [
          id,
          call.var.tenant,
          body.graph_id,
          body.name ?? body.graph_id,
          body.description ?? null,
          JSON.stringify(body.config),
          JSON.stringify(body.context),
          JSON.stringify(body.metadata),
        ],
      );
      if (rows[0] !== undefined) await keepVersion(transaction, rows[0], call.var.tenant);
      return rows[0];
    });
    if (row === undefined && body.if_exists === "raise") throw new Problem(409, `There is an assistant ${id} already.`);
    return call.json(wireAssistant(row ?? (await resolveAssistant(api, call.var.tenant, id))));
  });
  routes.post("/search", async (call) => {
    const body = await bodyOf(call, searchBody, api.settings.maxBodyBytes);
    const found = await matching(api, call.var.tenant, body);
    if (body.sort_by != null) found.sort(byColumn(body.sort_by, body.sort_order ?? "desc"));
    const next = body.offset + body.limit;
    if (next < found.length) call.header("x-pagination-next", String(next));
    return call.json(found.slice(body.offset, next).map(wireAssistant));
  });
  routes.post("/count", async (call) => {
    const body = await bodyOf(call, countBody, api.settings.maxBodyBytes);
    return call.json((await matching(api, call.var.tenant, body)).length);
  });
  routes.get("/:id", async (call) =>
    call.json(wireAssistant(await resolveAssistant(api, call.var.tenant, call.req.param("id")))),
  );
  routes.patch("/:id", async (call) => {
    const body = await bodyOf(call, updateBody, api.settings.maxBodyBytes);
    const row = await resolveAssistant(api, call.var.tenant, call.req.param("id"));
    if (isBuiltIn(row)) throw new Problem(409, "This assistant comes from the settings file; change it there.");
    if (body.graph_id !== undefined) knownAgent(api, body.graph_id);
    const next = { ...row, ...Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) };
    const changed = await api.database.asTenant(call.var.tenant, async (transaction) => {
      const { rows } = await transaction.query<AssistantRow>(
        `update orchestrator.assistants a set graph_id = $2, name = $3, description = $4, config = $5, context = $6,
           metadata = metadata || $7::jsonb, updated_at = clock_timestamp(),
           version = 1 + (select max(version) from orchestrator.assistant_versions v where v.assistant_id = a.assistant_id)
          where assistant_id = $1 returning *`,
        [
          row.assistant_id,
          next.graph_id,
          next.name,
          next.description,
          JSON.stringify(next.config),
          JSON.stringify(next.context),
          JSON.stringify(next.metadata),
        ],
      );
      if (rows[0] !== undefined) await keepVersion(transaction, rows[0], call.var.tenant);
      return rows[0];
    });
    if (changed === undefined) throw notFound("assistant", row.assistant_id);
    return call.json(wireAssistant(changed));
  });
  routes.delete("/:id", async (call) => {
    const id = call.req.param("id");
    if (isBuiltIn(await resolveAssistant(api, call.var.tenant, id)))
      throw new Problem(409, "This assistant comes from the settings file; take it out there.");
    const { rowCount } = await api.database.asTenant(call.var.tenant, (transaction) =>
      transaction.query("delete from orchestrator.assistants where assistant_id = $1", [id]),
    );
    if (rowCount === 0) throw notFound("assistant", id);
    return call.body(null, 204);
  });
  return routes;
}

/** Agents of the settings file first, then the tenant's own, newest first. */
async function matching(api: Api, tenant: string, wanted: z.output<typeof countBody>): Promise<AssistantRow[]> {
  const { rows } = await api.database.asTenant(tenant, (transaction) =>
    transaction.query<AssistantRow>(
      `select * from orchestrator.assistants where ($1::text is null or graph_id = $1) and metadata @> $2::jsonb
          and ($3::text is null or position(lower($3) in lower(name)) > 0) order by created_at desc`,
      [wanted.graph_id ?? null, JSON.stringify(wanted.metadata ?? {}), wanted.name ?? null],
    ),
  );
  const metadata = Object.entries(wanted.metadata ?? {});
  const agents = api.agents
    .names()
    .map(builtIn)
    .filter((row) => wanted.graph_id == null || row.graph_id === wanted.graph_id)
    .filter((row) => wanted.name == null || row.name.toLowerCase().includes(wanted.name.toLowerCase()))
    .filter((row) => metadata.every(([key, value]) => row.metadata[key] === value));
  return [...agents, ...rows];
}

function byColumn(column: NonNullable<z.output<typeof searchBody>["sort_by"]>, order: "asc" | "desc") {
  const sign = order === "asc" ? 1 : -1;
  return (a: AssistantRow, b: AssistantRow) =>
    sign * (a[column] < b[column] ? -1 : a[column] > b[column] ? 1 : a.assistant_id < b.assistant_id ? -1 : 1);
}

function knownAgent(api: Api, name: string): void {
  if (api.agents.graphOf(name) === undefined) {
    throw new Problem(
      422,
      `graph_id: there is no agent ${JSON.stringify(name)}. Known: ${api.agents.names().join(", ")}.`,
    );
  }
}

/** The id of an agent of the settings file: the same on every replica, for every tenant. */
export function assistantId(name: string): string {
  return uuid5(name, namespace);
}

function builtIn(name: string): AssistantRow {
  return {
    assistant_id: assistantId(name),
    graph_id: name,
    name,
    description: null,
    config: {},
    context: {},
    metadata: { created_by: "system" },
    version: 1,
    created_at: beginning,
    updated_at: beginning,
  };
}
