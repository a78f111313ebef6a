import { Hono } from "hono";
import * as z from "zod";
import { type AssistantRow, isBuiltIn, wireAssistant } from "./assistant-row.ts";
import { resolveAssistant } from "./assistants.ts";
import { type Api, bodyOf, type Caller } from "./context.ts";
import { notFound, Problem } from "./problem.ts";

const listBody = z.object({
  metadata: z.record(z.string(), z.unknown()).nullish(),
  limit: z.int().min(1).max(1000).default(10),
  offset: z.int().min(0).default(0),
});
const latestBody = z.object({ version: z.int().min(1) });

/** What the routes take as body. */
export const versionBodies = { list: listBody, latest: latestBody };

/** Routes of what an assistant was before, and of going back to it. */
export function assistantVersionRoutes(api: Api) {
  const routes = new Hono<{ Variables: Caller }>();
  routes.post("/:id/versions", async (call) => {
    const body = await bodyOf(call, listBody, api.settings.maxBodyBytes);
    const row = await resolveAssistant(api, call.var.tenant, call.req.param("id"));
    // An agent of the settings file is as the file says.
    if (isBuiltIn(row)) return call.json(body.offset === 0 ? [wireAssistant(row)] : []);
    const { rows } = await api.database.asTenant(call.var.tenant, (transaction) =>
      transaction.query<AssistantRow>(
        `select v.*, v.created_at as updated_at from orchestrator.assistant_versions v
          where assistant_id = $1 and metadata @> $2::jsonb order by version desc limit $3 offset $4`,
        [row.assistant_id, JSON.stringify(body.metadata ?? {}), body.limit, body.offset],
      ),
    );
    return call.json(rows.map(wireAssistant));
  });
  routes.post("/:id/latest", async (call) => {
    const { version } = await bodyOf(call, latestBody, api.settings.maxBodyBytes);
    const row = await resolveAssistant(api, call.var.tenant, call.req.param("id"));
    if (isBuiltIn(row)) throw new Problem(409, "This assistant comes from the settings file; change it there.");
    const { rows } = await api.database.asTenant(call.var.tenant, (transaction) =>
      transaction.query<AssistantRow>(
        `update orchestrator.assistants a set version = v.version, graph_id = v.graph_id, name = v.name,
           description = v.description, config = v.config, context = v.context, metadata = v.metadata,
           updated_at = clock_timestamp()
          from orchestrator.assistant_versions v
          where a.assistant_id = $1 and v.tenant_id = a.tenant_id and v.assistant_id = a.assistant_id and v.version = $2
          returning a.*`,
        [row.assistant_id, version],
      ),
    );
    if (rows[0] === undefined) throw notFound("version", String(version));
    return call.json(wireAssistant(rows[0]));
  });
  return routes;
}
