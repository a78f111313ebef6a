// Proves: the document names every route and no other, and each body that it describes is one that the route checks.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AgentRegistry } from "../src/agents/registry.ts";
import { createApp } from "../src/api/app.ts";
import { loadAuthentication } from "../src/api/auth.ts";
import { RunNews } from "../src/api/run-news.ts";
import { settingsSchema } from "../src/settings.ts";
import type { Database } from "../src/storage/database.ts";
import { migrate } from "../src/storage/migrate.ts";
import { openDatabase } from "../src/storage/open.ts";
import { embeddedStorage } from "./support/embedded.ts";

interface Document {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: object }> } }>>;
}

const folder = mkdtempSync(join(tmpdir(), "orchestrator-openapi-"));
let database: Database;
let app: ReturnType<typeof createApp>;
let document: Document;
beforeAll(async () => {
  const storage = await embeddedStorage(join(folder, "data"));
  database = await openDatabase(storage);
  await migrate(database);
  const settings = settingsSchema.parse({ storage, agents: {} });
  const api = { database, agents: new AgentRegistry({}, {}), settings, news: new RunNews(database) };
  app = createApp(api, await loadAuthentication(settings.auth));
  document = (await (await app.request("/openapi.json")).json()) as Document;
});
afterAll(async () => {
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("names every route and no other", () => {
  const served = app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual([...new Set(served)].sort());
});

test("describes the bodies that the routes check: each refuses a text in their place", async () => {
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, { requestBody }] of Object.entries(operations)) {
      if (requestBody === undefined) continue;
      const init = { method: method.toUpperCase(), body: '"text"' };
      const answer = await app.request(path.replace(/\{\w+\}/g, "unheard-of"), init);
      expect([method, path, answer.status]).toEqual([method, path, 422]);
    }
  }
});

test("carries the schemas' own limits", () => {
  const schema = document.paths["/store/items"]?.put?.requestBody?.content["application/json"]?.schema;
  expect(schema).toMatchObject({
    required: ["namespace", "key", "value"],
    properties: { key: { type: "string", maxLength: 512 }, namespace: { type: "array", maxItems: 16 } },
  });
});
