import { Hono } from "hono";
import * as z from "zod";
import type { AnyGraph } from "../agents/registry.ts";
import { resolveAssistant } from "./assistants.ts";
import { type Api, type Call, type Caller, queryOf } from "./context.ts";
import { notFound } from "./problem.ts";

const graphQuery = z.object({ xray: z.union([z.stringbool(), z.coerce.number().int().min(0)]).optional() });
const subgraphsQuery = z.object({ recurse: z.stringbool().optional() });

/** What the routes take as query. */
export const graphQueries = { graph: graphQuery, subgraphs: subgraphsQuery };

/** Routes that show what an assistant's graph consists of. */
export function assistantGraphRoutes(api: Api) {
  const routes = new Hono<{ Variables: Caller }>();
  const graphOf = async (call: Call) => {
    const { graph_id: name } = await resolveAssistant(api, call.var.tenant, call.req.param("id") ?? "");
    if (api.agents.graphOf(name) === undefined) throw notFound("agent", name);
    return { name, graph: api.agents.compile(name, {}) };
  };
  const subgraphs = async (call: Call, namespace: string | undefined) => {
    const { recurse } = queryOf(call, subgraphsQuery);
    const { name, graph } = await graphOf(call);
    const found: Record<string, unknown> = {};
    for await (const [path, subgraph] of graph.getSubgraphsAsync(namespace, recurse)) {
      found[path] = schemasOf(name, subgraph as AnyGraph);
    }
    return call.json(found);
  };
  routes.get("/:id/graph", async (call) => {
    const { xray } = queryOf(call, graphQuery);
    const { graph } = await graphOf(call);
    return call.json((await graph.getGraphAsync(xray === undefined ? {} : { xray })).toJSON());
  });
  routes.get("/:id/schemas", async (call) => {
    const { name, graph } = await graphOf(call);
    return call.json(schemasOf(name, graph));
  });
  routes.get("/:id/subgraphs", (call) => subgraphs(call, undefined));
  routes.get("/:id/subgraphs/:namespace", (call) => subgraphs(call, call.req.param("namespace")));
  return routes;
}

/** The keys of a graph's state. What a value may be is checked by the graph alone, so it is left open here. */
function schemasOf(name: string, graph: AnyGraph) {
  const state = {
    type: "object",
    properties: Object.fromEntries(graph.streamChannelsList.map((channel) => [String(channel), {}])),
  };
  return {
    graph_id: name,
    state_schema: state,
    input_schema: state,
    output_schema: state,
    config_schema: null,
    context_schema: null,
  };
}
