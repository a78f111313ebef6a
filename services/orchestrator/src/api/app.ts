import { Hono } from "hono";
import { approvalRoutes } from "./approvals.ts";
import { assistantGraphRoutes } from "./assistant-graphs.ts";
import { assistantVersionRoutes } from "./assistant-versions.ts";
import { assistantRoutes } from "./assistants.ts";
import type { Authentication } from "./auth.ts";
import { browserPages } from "./browser-pages.ts";
import type { Api, Caller } from "./context.ts";
import { cronRoutes } from "./crons.ts";
import { openApiDocument } from "./openapi.ts";
import { Problem } from "./problem.ts";
import { runRoutes } from "./runs.ts";
import { storeRoutes } from "./store.ts";
import { threadRoutes } from "./threads.ts";

/** Every route of the service. */
export function createApp(api: Api, authentication: Authentication) {
  const app = new Hono<{ Variables: Caller }>();
  app.onError((error, call) => {
    if (error instanceof Problem) {
      if (error.retryAfterSeconds !== null) call.header("retry-after", String(error.retryAfterSeconds));
      return call.json({ detail: error.message }, error.status);
    }
    // The text may hold a tenant's content; the operator gets the kind, the caller nothing.
    process.stderr.write(
      `${JSON.stringify({ level: "error", event: "request failed", path: call.req.routePath, error: error.name })}\n`,
    );
    return call.json({ detail: "The request failed here; it can be repeated." }, 500);
  });
  app.notFound((call) => call.json({ detail: "There is no such route." }, 404));
  for (const middleware of browserPages(api.settings)) app.use("*", middleware);
  app.get("/ok", (call) => call.json({ ok: true }));
  app.get("/info", (call) => call.json({ version: "0.1.0", flags: { assistants: true, crons: true } }));
  app.get("/openapi.json", (call) => call.json(openApiDocument()));
  app.use("*", authentication);
  app.route("/assistants", assistantRoutes(api));
  app.route("/assistants", assistantVersionRoutes(api));
  app.route("/assistants", assistantGraphRoutes(api));
  app.route("/", cronRoutes(api));
  app.route("/", approvalRoutes(api));
  app.route("/", runRoutes(api));
  app.route("/threads", threadRoutes(api));
  app.route("/store", storeRoutes(api));
  return app;
}
