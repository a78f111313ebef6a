import type { Item } from "@langchain/langgraph-checkpoint";
import { Hono } from "hono";
import * as z from "zod";
import { type StoreOperation, StoreRefusal, TenantStore } from "../store/tenant-store.ts";
import { type Api, bodyOf, type Call, type Caller, queryOf } from "./context.ts";
import { Problem } from "./problem.ts";

/** Labels go through a query joined by dots, so none may hold one. */
const label = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^.]*$/, "A label may hold no dot.");
const namespace = z
  .array(label)
  .min(1)
  .max(16)
  .refine(([root]) => root !== "langgraph", "LangGraph keeps the root `langgraph` for itself.");
const key = z.string().min(1).max(512);
const path = z.array(label).max(16);
const page = { limit: z.int().min(1).max(1000), offset: z.int().min(0).default(0) };
const putBody = z.object({
  namespace,
  key,
  value: z.record(z.string(), z.unknown()),
  // Says what an index by meaning should read; there is none to be told.
  index: z.union([z.literal(false), z.array(z.string())]).nullish(),
  ttl: z.number().positive().max(5_256_000).nullish(),
});
const deleteBody = z.object({ namespace, key });
const getQuery = z.object({
  namespace: z
    .string()
    .transform((text) => text.split("."))
    .pipe(namespace),
  key,
  refresh_ttl: z.stringbool().optional(),
});
const searchBody = z.object({
  namespace_prefix: path.default([]),
  filter: z.record(z.string(), z.unknown()).nullish(),
  query: z.string().nullish(),
  refresh_ttl: z.boolean().nullish(),
  ...page,
  limit: page.limit.default(10),
});
const namespacesBody = z.object({
  prefix: path.nullish(),
  suffix: path.nullish(),
  max_depth: z.int().min(1).max(16).nullish(),
  ...page,
  limit: page.limit.default(100),
});

/** What the routes take as body, and the one as query. */
export const storeBodies = {
  put: putBody,
  get: getQuery,
  delete: deleteBody,
  search: searchBody,
  namespaces: namespacesBody,
};

/** Routes below /store: what a tenant keeps across threads. */
export function storeRoutes(api: Api) {
  const routes = new Hono<{ Variables: Caller }>();
  const limit = api.settings.maxBodyBytes;
  const operate = async (call: Call, operation: StoreOperation) => {
    const store = new TenantStore(api.database, call.var.tenant, api.settings.store);
    try {
      return (await store.all([operation]))[0];
    } catch (error) {
      if (error instanceof StoreRefusal) throw new Problem(422, error.message);
      throw error;
    }
  };
  routes.put("/items", async (call) => {
    const { namespace, key, value, ttl } = await bodyOf(call, putBody, limit);
    await operate(call, { namespace, key, value, ttlMinutes: ttl ?? null });
    return call.body(null, 204);
  });
  routes.get("/items", async (call) => {
    const { namespace, key, refresh_ttl } = queryOf(call, getQuery);
    const item = (await operate(call, { namespace, key, refreshTtl: refresh_ttl ?? true })) as Item | null;
    return call.json(item === null ? null : wireItem(item));
  });
  routes.delete("/items", async (call) => {
    await operate(call, { ...(await bodyOf(call, deleteBody, limit)), value: null });
    return call.body(null, 204);
  });
  routes.post("/items/search", async (call) => {
    const body = await bodyOf(call, searchBody, limit);
    const items = await operate(call, {
      namespacePrefix: body.namespace_prefix,
      limit: body.limit,
      offset: body.offset,
      refreshTtl: body.refresh_ttl ?? true,
      ...(body.filter == null ? {} : { filter: body.filter }),
      ...(body.query == null ? {} : { query: body.query }),
    });
    return call.json({ items: (items as Item[]).map(wireItem) });
  });
  routes.post("/namespaces", async (call) => {
    const { prefix, suffix, max_depth, limit: most, offset } = await bodyOf(call, namespacesBody, limit);
    const namespaces = await operate(call, {
      matchConditions: [
        { matchType: "prefix", path: prefix ?? [] },
        { matchType: "suffix", path: suffix ?? [] },
      ],
      limit: most,
      offset,
      ...(max_depth == null ? {} : { maxDepth: max_depth }),
    });
    return call.json({ namespaces });
  });
  return routes;
}

function wireItem({ namespace, key, value, createdAt, updatedAt }: Item) {
  return { namespace, key, value, created_at: createdAt, updated_at: updatedAt };
}
