import { randomUUID } from "node:crypto";
import { uuid5 } from "@langchain/langgraph-checkpoint";
import { Hono } from "hono";
import * as z from "zod";
import { type Api, bodyOf, type Caller } from "./context.ts";
import type { JsonObject } from "./json.ts";
import { notFound, Problem } from "./problem.ts";

/** An assistant as it is stored. */
export interface AssistantRow {
  assistant_id: string;
  graph_id: string;
  name: string;
  description: string | null;
  config: JsonObject;
  context: JsonObject;
  metadata: JsonObject;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** When the agents of the settings file came to be: with the file, so no time of this process is right. */
const beginning = new Date(0);
const namespace = "6ba7b821-9dad-11d1-80b4-00c04fd430c8";
const json = z.record(z.string(), z.unknown());

const createBody = z.object({
  assistant_id: z.uuid().optional(),
  graph_id: z.string(),
  name: z.string().max(200).optional(),
  description: z.string().nullish(),
  config: json.default({}),
  context: json.default({}),
  metadata: json.default({}),
  if_exists: z.enum(["raise", "do_nothing"]).default("raise"),
});
const updateBody = createBody.partial().omit({ assistant_id: true, if_exists: true });
const searchBody = z.object({
  graph_id: z.string().nullish(),
  metadata: json.nullish(),
  limit: z.int().min(1).max(1000).default(10),
  offset: z.int().min(0).default(0),
});

/** What the routes take as body. */
export const assistantBodies = { create: createBody, update: updateBody, search: searchBody };

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
      return rows[0];
    });
    if (row === undefined && body.if_exists === "raise") throw new Problem(409, `There is an assistant ${id} already.`);
    return call.json(wire(row ?? (await resolveAssistant(api, call.var.tenant, id))));
  });
  routes.post("/search", async (call) => {
    const body = await bodyOf(call, searchBody, api.settings.maxBodyBytes);
    const { rows } = await api.database.asTenant(call.var.tenant, (transaction) =>
      transaction.query<AssistantRow>(
        `select * from orchestrator.assistants where ($1::text is null or graph_id = $1) and metadata @> $2::jsonb
          order by created_at desc`,
        [body.graph_id ?? null, JSON.stringify(body.metadata ?? {})],
      ),
    );
    const wanted = Object.entries(body.metadata ?? {});
    const agents = api.agents
      .names()
      .map(builtIn)
      .filter((row) => body.graph_id == null || row.graph_id === body.graph_id)
      .filter((row) => wanted.every(([key, value]) => row.metadata[key] === value));
    return call.json([...agents, ...rows].slice(body.offset, body.offset + body.limit).map(wire));
  });
  routes.get("/:id", async (call) =>
    call.json(wire(await resolveAssistant(api, call.var.tenant, call.req.param("id")))),
  );
  routes.patch("/:id", async (call) => {
    const body = await bodyOf(call, updateBody, api.settings.maxBodyBytes);
    const row = await resolveAssistant(api, call.var.tenant, call.req.param("id"));
    if (row.created_at === beginning)
      throw new Problem(409, "This assistant comes from the settings file; change it there.");
    if (body.graph_id !== undefined) knownAgent(api, body.graph_id);
    const next = { ...row, ...Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) };
    const { rows } = await api.database.asTenant(call.var.tenant, (transaction) =>
      transaction.query<AssistantRow>(
        `update orchestrator.assistants set graph_id = $2, name = $3, description = $4, config = $5, context = $6,
           metadata = metadata || $7::jsonb, version = version + 1, updated_at = clock_timestamp()
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
      ),
    );
    return call.json(wire(rows[0] ?? row));
  });
  routes.delete("/:id", async (call) => {
    const id = call.req.param("id");
    const { rowCount } = await api.database.asTenant(call.var.tenant, (transaction) =>
      transaction.query("delete from orchestrator.assistants where assistant_id = $1", [id]),
    );
    if (rowCount === 0) throw notFound("assistant", id);
    return call.body(null, 204);
  });
  return routes;
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

function wire(row: AssistantRow) {
  const { assistant_id, graph_id, name, description, config, context, metadata, version, created_at, updated_at } = row;
  return { assistant_id, graph_id, name, description, config, context, metadata, version, created_at, updated_at };
}
