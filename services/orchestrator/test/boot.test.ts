import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrate } from "../src/storage/migrate.ts";
import { openDatabase } from "../src/storage/open.ts";
import { migrations } from "../src/storage/schema.ts";
import { onBothDatabases, onPostgres } from "./support/databases.ts";

const rounds = process.env.FREEHOLD_TORTURE === "1" ? 100 : 10;

onPostgres("booting", (given) => {
  test(`four replicas boot at once on an empty database, ${rounds} times of ${rounds}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "orchestrator-boot-"));
    const server = given().server;
    if (server === null) throw new Error("This suite runs on a server.");
    for (let round = 0; round < rounds; round += 1) {
      const name = `boot-${round}`;
      await server.createDatabase(name);
      const urlFile = join(folder, name);
      writeFileSync(urlFile, server.url(name));
      const databases = await Promise.all(
        Array.from({ length: 4 }, () => openDatabase({ kind: "postgres", urlFile, connections: 2 })),
      );
      const steps = await Promise.all(databases.map((database) => migrate(database)));
      expect(steps.flat().sort((a, b) => a - b)).toEqual(migrations.map((migration) => migration.id));
      await Promise.all(databases.map((database) => database.close()));
    }
    rmSync(folder, { recursive: true, force: true });
  }, 600_000);
});

onBothDatabases("tenants", (given) => {
  test("a statement under a tenant sees, changes and adds no row of another", async () => {
    const { database } = given();
    const add = (tenant: string, id: string) => (transaction: Parameters<Parameters<typeof database.asOwner>[0]>[0]) =>
      transaction.query("insert into orchestrator.threads (thread_id, tenant_id) values ($1, $2)", [id, tenant]);
    await database.asTenant("a", add("a", "of-a"));
    await expect(database.asTenant("b", add("a", "forged"))).rejects.toThrow(/row-level security/);
    for (const sql of [
      "select * from orchestrator.threads",
      "update orchestrator.threads set metadata = '{\"x\":1}'",
      "delete from orchestrator.threads",
    ]) {
      expect((await database.asTenant("b", (transaction) => transaction.query(sql))).rowCount).toBe(0);
    }
    await expect(
      database.asTenant("b", (transaction) =>
        transaction.query("alter table orchestrator.threads disable row level security"),
      ),
    ).rejects.toThrow(/must be owner/);
    expect(
      (await database.asTenant("a", (transaction) => transaction.query("select * from orchestrator.threads"))).rowCount,
    ).toBe(1);
  });
});
