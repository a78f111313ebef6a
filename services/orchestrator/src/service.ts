import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { adminServer } from "../../shared/src/admin-server.ts";
import { AgentRegistry, type ErasedKind } from "./agents/registry.ts";
import { createApp } from "./api/app.ts";
import { loadAuthentication } from "./api/auth.ts";
import { fireDueCrons } from "./api/crons.ts";
import { RunNews } from "./api/run-news.ts";
import { Worker } from "./runs/worker.ts";
import type { Settings } from "./settings.ts";
import type { Database } from "./storage/database.ts";
import { migrate } from "./storage/migrate.ts";
import { openDatabase } from "./storage/open.ts";
import { awaitTables } from "./storage/shape.ts";
import { readSecret, WebhookDeliveries } from "./webhooks/deliveries.ts";
import { proxyOf } from "./webhooks/proxy.ts";

/** A replica that serves and works. */
export interface Service {
  url: string;
  /** Health and metrics, where the settings ask for them. */
  adminUrl: string | null;
  worker: Worker;
  /** Hands its runs over, then closes the port and the database. */
  stop(): Promise<void>;
}

/**
 * Opens the database, brings it to the newest shape or waits until somebody has, starts the worker and listens. `tell` hears what
 * the replica waits for; health is served meanwhile.
 */
export async function startService(
  settings: Settings,
  kinds: Readonly<Record<string, ErasedKind>>,
  tell: (waitsFor: string) => void = () => {},
): Promise<Service> {
  const agents = new AgentRegistry(settings.agents, kinds);
  const authentication = await loadAuthentication(settings.auth);
  const webhookSecret = settings.webhooks === undefined ? null : readSecret(settings.webhooks.secretFile);
  const proxied = settings.webhooks?.proxied ?? [];
  const webhookProxy = proxied.length === 0 ? null : proxyOf(process.env.HTTPS_PROXY);
  const database = await openDatabase(settings.storage);
  const api = { database, agents, settings, news: new RunNews(database) };
  const chores = [() => fireDueCrons(api)];
  if (settings.webhooks !== undefined && webhookSecret !== null) {
    const deliveries = new WebhookDeliveries(database, settings.webhooks, webhookSecret, webhookProxy);
    chores.push(() => deliveries.sendDue());
  }
  const worker = new Worker(database, agents, settings, chores);
  const app = createApp(api, authentication);
  let waitsFor: string | null = null;
  const admin = adminServer({
    get isAlive() {
      return worker.isAlive;
    },
    get isReady() {
      return worker.isReady;
    },
    get notReadyBecause() {
      return waitsFor;
    },
    metricsText: () => worker.metrics.text(),
  });
  let server: ServerType;
  try {
    if (settings.admin !== undefined) await listenAdmin(admin, settings.admin);
    await prepareTables(database, settings.storage, (lack) => {
      waitsFor = lack;
      if (lack !== null) tell(lack);
    });
    server = await listen(app.fetch, settings.listen);
  } catch (error) {
    admin.close();
    admin.closeAllConnections();
    await database.close();
    throw error;
  }
  worker.start();
  return {
    url: urlOf(server as Server, settings.listen.host),
    adminUrl: settings.admin === undefined ? null : urlOf(admin, settings.admin.host),
    worker,
    async stop() {
      // No new connection while runs are handed over; open streams read on until they are.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await worker.drain();
      if ("closeAllConnections" in server) server.closeAllConnections();
      admin.close();
      admin.closeAllConnections();
      await closed;
      await database.close();
    },
  };
}

async function prepareTables(
  database: Database,
  storage: Settings["storage"],
  tell: (lack: string | null) => void,
): Promise<void> {
  if (storage.kind === "postgres" && storage.migrations === "elsewhere") {
    await awaitTables(database, storage.tablesWithinSeconds, tell);
  } else {
    await migrate(database);
  }
}

function urlOf(server: Server, host: string): string {
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

function listenAdmin(server: Server, address: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(address.port, address.host, resolve);
  });
}

function listen(
  fetch: Parameters<typeof serve>[0]["fetch"],
  address: { host: string; port: number },
): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname: address.host, port: address.port }, () => resolve(server));
    server.on("error", reject);
  });
}
