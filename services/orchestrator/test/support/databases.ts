import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { type PostgresServer, postgresPrograms, startPostgres } from "../../../../test/support/postgres-server.ts";
import type { StorageSettings } from "../../src/settings.ts";
import type { Database } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrate.ts";
import { openDatabase } from "../../src/storage/open.ts";
import { embeddedStorage } from "./embedded.ts";

/** What a suite gets: the database, or the reason why its tests cannot run. */
export interface Given {
  database: Database;
  /** For a replica: the same server, but a folder of its own, because an embedded database has one owner. */
  storage: StorageSettings;
  server: PostgresServer | null;
}

/** Runs one suite twice: on the embedded database and on a PostgreSQL server. */
export function onBothDatabases(name: string, suite: (given: () => Given) => void): void {
  onEmbedded(name, suite);
  onPostgres(name, suite);
}

/** Runs a suite on the embedded database. */
export function onEmbedded(name: string, suite: (given: () => Given) => void): void {
  describe(`${name}, embedded database`, () => {
    const folder = mkdtempSync(join(tmpdir(), "orchestrator-pglite-"));
    let given: Given;
    beforeAll(async () => {
      const database = await openDatabase(await embeddedStorage(join(folder, "data")));
      given = { database, storage: await embeddedStorage(join(folder, "replica")), server: null };
      await migrate(given.database);
    });
    afterAll(async () => {
      await given?.database.close();
      rmSync(folder, { recursive: true, force: true });
    });
    suite(() => given);
  });
}

/** Runs a suite on a PostgreSQL server; its tests say so where there is none. */
export function onPostgres(name: string, suite: (given: () => Given) => void): void {
  const programs = postgresPrograms();
  describe(`${name}, PostgreSQL server`, () => {
    const folder = mkdtempSync(join(tmpdir(), "orchestrator-settings-"));
    let given: Given | undefined;
    beforeAll(async () => {
      if (programs === null) return;
      const server = await startPostgres(programs);
      const urlFile = join(folder, "url");
      const storage: StorageSettings = {
        kind: "postgres",
        urlFile,
        connections: 10,
        migrations: "atStart",
        tablesWithinSeconds: 150,
      };
      writeFileSync(urlFile, server.url("postgres"));
      given = { database: await openDatabase(storage), storage, server };
      await migrate(given.database);
    });
    afterAll(async () => {
      await given?.database.close();
      given?.server?.remove();
      rmSync(folder, { recursive: true, force: true });
    });
    suite(() => {
      if (given === undefined) throw new Error("There is no PostgreSQL server: npm test installs it with Python 3.");
      return given;
    });
  });
}
