// Proves, with processes and a PostgreSQL server: replicas that do not migrate wait for the one process that does, and say so; a
// user without a table of its own serves runs under row-level security; a migration that cannot be ends in one sentence.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../../test/support/free-port.ts";
import { postgresPrograms, startPostgres } from "../../../test/support/postgres-server.ts";
import { migrate } from "../src/storage/migrate.ts";
import { openDatabase } from "../src/storage/open.ts";
import { migrations } from "../src/storage/schema.ts";
import { lackOf } from "../src/storage/shape.ts";
import { onPostgres } from "./support/databases.ts";
import { startModelServer } from "./support/model-server.ts";
import { replicaProgram } from "./support/replica-process.ts";
import { supportAgent } from "./support/service.ts";

const newest = migrations.length;

onPostgres("migrating apart from serving", (given) => {
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let program: ReturnType<typeof replicaProgram>;
  beforeAll(async () => {
    program = replicaProgram();
    model = await startModelServer(({ body }) =>
      body.messages.at(-1)?.role === "tool"
        ? { text: ["Done"] }
        : { calls: [{ id: "call-1", name: "refund", args: { order: "7" } }] },
    );
  });
  afterAll(async () => {
    await program?.remove();
    await model?.stop();
  });

  async function inside<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** Settings of replicas on a database of their own, and of what migrates it. */
  async function onNewDatabase(name: string, users: { owner: string; replicas: string } | null = null) {
    const { server } = given();
    if (server === null) throw new Error("This suite runs on a server.");
    await server.createDatabase(name);
    const urlAs = (user: string) => server.url(name).replace("postgres@", `${user}@`);
    if (users !== null) {
      await inside(server.url(name), async (client) => {
        await client.query(`create role ${users.owner} login createrole`);
        await client.query(`create role ${users.replicas} login`);
        await client.query(`alter database "${name}" owner to ${users.owner}`);
        // Another stack of this server has made the role: its owner lets this one take it too.
        await client.query(`grant orchestrator_tenant to ${users.owner} with admin option`);
      });
    }
    const file = (role: string, url: string) => {
      const path = join(program.folder, `${name}-${role}`);
      writeFileSync(path, url);
      return path;
    };
    const storage = {
      kind: "postgres",
      urlFile: file("url", urlAs(users?.replicas ?? "postgres")),
      migrations: "elsewhere",
      ...(users === null ? {} : { ownerUrlFile: file("owner-url", urlAs(users.owner)) }),
    };
    return {
      storage,
      urlAs,
      settings: program.writeSettings({ storage, agents: {} }),
      replica: (port: number, changes: object = {}) => ({
        storage: { ...storage, ...changes },
        admin: { port },
        agents: { support: supportAgent(model) },
      }),
    };
  }

  const ports = (count: number) => Promise.all(Array.from({ length: count }, () => freePort()));
  async function readiness(port: number): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    return answer === null ? "not there" : `${answer.status} ${await answer.text()}`.trim();
  }

  test("four replicas boot at once while the tables are made: all become ready, and each step is taken once", async () => {
    const { settings, replica, urlAs } = await onNewDatabase("while-booting");
    const admins = await ports(4);
    const started = admins.map((port) => program.begin(replica(port)));
    for (const port of admins) {
      await expect
        .poll(() => readiness(port))
        .toBe(`503 not ready: The database has no tables yet; this release needs them at step ${newest}.`);
    }
    const [first, second] = [program.run("migrate", settings), program.run("migrate", settings)];
    expect([first.status, second.status]).toEqual([0, 0]);
    expect(JSON.parse(first.stdout)).toEqual({ event: "migrated", steps: migrations.map(({ id }) => id) });
    expect(JSON.parse(second.stdout)).toEqual({ event: "migrated", steps: [] });
    const replicas = await Promise.all(started.map(({ listening }) => listening));
    for (const port of admins) await expect.poll(() => readiness(port)).toBe("200 ready");
    for (const { events } of started) expect(events.map(({ event }) => event)).toEqual(["waiting", "listening"]);
    const rows = await inside(urlAs("postgres"), (client) => client.query("select id from orchestrator.migrations"));
    expect(rows.rows).toHaveLength(newest);
    expect(await Promise.all(replicas.map((each) => each.end("SIGTERM")))).toEqual([0, 0, 0, 0]);
  });

  test("without anybody who migrates, a replica never becomes ready, says why, and ends with what to do", async () => {
    const { replica, urlAs } = await onNewDatabase("nobody");
    const [port = 0] = await ports(1);
    const { events, listening } = program.begin(replica(port, { tablesWithinSeconds: 2 }));
    const lack = `The database has no tables yet; this release needs them at step ${newest}.`;
    await expect.poll(() => readiness(port)).toBe(`503 not ready: ${lack}`);
    await expect(listening).rejects.toThrow(`${lack} Nobody has changed that within 2 s. Run \`migrate\``);
    expect(events).toEqual([{ event: "waiting", for: lack }]);
    const schemas = await inside(urlAs("postgres"), (client) =>
      client.query("select from pg_namespace where nspname = 'orchestrator'"),
    );
    expect(schemas.rowCount).toBe(0);
  });

  test("a replica that waits ends at once when it is asked to", async () => {
    const { replica } = await onNewDatabase("asked-to-end");
    const [port = 0] = await ports(1);
    const { end } = program.begin(replica(port));
    await expect.poll(() => readiness(port)).toContain("no tables yet");
    expect(await end("SIGTERM")).toBe(0);
  });

  test("a user that owns nothing serves a run, changes no table, and is bound to one tenant in a request", async () => {
    const users = { owner: "desk_owner", replicas: "desk_replicas" };
    const { settings, replica, storage, urlAs } = await onNewDatabase("two-users", users);
    const [port = 0] = await ports(1);
    const started = program.begin(replica(port));
    await expect.poll(() => readiness(port)).toContain("no tables yet");
    expect(program.run("migrate", settings)).toMatchObject({ status: 0, stderr: "" });
    const { url } = await started.listening;
    const client = new Client({ apiUrl: url, callerOptions: { maxRetries: 0 } });
    const thread = await client.threads.create();
    const input = { messages: [{ role: "human", content: "refund" }] };
    const values = await client.runs.wait(thread.thread_id, "support", { input });
    expect(JSON.stringify(values)).toContain("Done");
    await client.store.putItem(["notes"], "one", { text: "kept" });
    await client.threads.delete(thread.thread_id);

    await inside(urlAs(users.replicas), async (replicas) => {
      for (const sql of [
        "alter table orchestrator.runs add column mine text",
        "alter table orchestrator.threads disable row level security",
        "drop table orchestrator.store_items",
        "truncate orchestrator.runs",
        "create table orchestrator.mine (id integer)",
        "drop policy own_rows on orchestrator.threads",
        "insert into orchestrator.migrations (id, at) values (99, now())",
      ]) {
        await expect(replicas.query(sql), sql).rejects.toThrow(/must be owner|permission denied/);
      }
    });
    const database = await openDatabase({ kind: "postgres", urlFile: storage.urlFile, connections: 2 });
    const add = (tenant: string) =>
      database.asTenant("a", (transaction) =>
        transaction.query("insert into orchestrator.threads (thread_id, tenant_id) values ($1, $2)", [
          `of-${tenant}`,
          tenant,
        ]),
      );
    await add("a");
    await expect(add("b")).rejects.toThrow(/row-level security/);
    const seen = (tenant: string) =>
      database.asTenant(tenant, (transaction) => transaction.query("select from orchestrator.threads"));
    expect([(await seen("a")).rowCount, (await seen("b")).rowCount]).toEqual([1, 0]);
    await database.close();
  });

  test("the statements of the how-to page are enough on a new server, and only they", async () => {
    const page = readFileSync(new URL("../../../docs/how-to/run-agents.md", import.meta.url), "utf8");
    const statements = page.split("\n").filter((line) => /^ {4}(create|revoke|grant) .*;$/.test(line));
    expect(statements).toHaveLength(5);
    const server = await startPostgres(postgresPrograms() as string);
    try {
      await inside(server.url("postgres"), async (client) => {
        for (const statement of statements) await client.query(statement);
      });
      const file = (user: string) => {
        const path = join(program.folder, `page-${user}`);
        writeFileSync(path, server.url("agents").replace("postgres@", `${user}:...@`));
        return path;
      };
      const storage = { kind: "postgres", urlFile: file("agents"), ownerUrlFile: file("agents_owner") };
      const settings = program.writeSettings({ storage, agents: {} });
      expect(program.run("migrate", settings)).toMatchObject({ status: 0, stderr: "" });
    } finally {
      server.remove();
    }
  });

  test("a next user of replicas is let in beside the one before, and takes nothing from it", async () => {
    const users = { owner: "next_owner", replicas: "next_one" };
    const { settings, storage, urlAs } = await onNewDatabase("next-user", users);
    expect(program.run("migrate", settings).status).toBe(0);
    await inside(urlAs("postgres"), (client) => client.query("create role next_two login"));
    const before = await openDatabase({ kind: "postgres", urlFile: storage.urlFile, connections: 2 });
    const urlFile = join(program.folder, "next-two-url");
    writeFileSync(urlFile, urlAs("next_two"));
    const after = await openDatabase({ kind: "postgres", urlFile, connections: 2 });
    expect(await lackOf(after)).toMatch(/^The database's user may not use the tables: permission denied for schema/);
    const next = program.writeSettings({ storage: { ...storage, urlFile }, agents: {} });
    expect(program.run("migrate", next)).toMatchObject({ status: 0, stderr: "" });
    expect([await lackOf(before), await lackOf(after)]).toEqual([null, null]);
    await Promise.all([before.close(), after.close()]);
  });

  test("a user with rights and without a policy is told that it would see no rows", async () => {
    const { settings, urlAs } = await onNewDatabase("by-hand");
    expect(program.run("migrate", settings).status).toBe(0);
    await inside(urlAs("postgres"), async (client) => {
      await client.query("create role by_hand login");
      await client.query("grant usage on schema orchestrator to by_hand");
      await client.query("grant all on all tables in schema orchestrator to by_hand");
    });
    const urlFile = join(program.folder, "by-hand-url");
    writeFileSync(urlFile, urlAs("by_hand"));
    const database = await openDatabase({ kind: "postgres", urlFile, connections: 2 });
    expect(await lackOf(database)).toMatch(/^The database's user sees no rows/);
    await database.close();
  });

  test("tables of a newer release are used where it says that they can be, and refused where not", async () => {
    const { settings, storage, replica } = await onNewDatabase("newer");
    const database = await openDatabase({ kind: "postgres", urlFile: storage.urlFile, connections: 2 });
    const bearable = { id: newest + 1, sql: "create table orchestrator.later (id integer)" };
    expect(await migrate(database, { steps: [...migrations, bearable] })).toHaveLength(newest + 1);
    expect(program.run("migrate", settings)).toMatchObject({ status: 0, stderr: "" });
    const [port = 0] = await ports(1);
    await (await program.start(replica(port))).end("SIGTERM");
    const breaking = { id: newest + 2, sql: "drop table orchestrator.later", servesFrom: newest + 2 };
    expect(await migrate(database, { steps: [...migrations, bearable, breaking] })).toEqual([newest + 2]);
    await database.close();
    const refused =
      `The tables are at step ${newest + 2}, which no release before step ${newest + 2} can use, and this one is of step ${newest}. ` +
      "Deploy the release that changed them, or a newer one; an older one needs the database as it was, from a backup.\n";
    expect(program.run("migrate", settings)).toMatchObject({ status: 1, stderr: refused });
    await expect(program.start(replica(port))).rejects.toThrow(refused.trim());
    await expect(program.start(replica(port, { migrations: "atStart" }))).rejects.toThrow(refused.trim());
  });

  test("a migration that cannot be is one sentence, ends with 1, and leaves nothing", async () => {
    const { storage, urlAs } = await onNewDatabase("refused", { owner: "small_owner", replicas: "small" });
    const as = (changes: object) => {
      const settings = program.writeSettings({ storage: { ...storage, ...changes }, agents: {} });
      const { status, stderr } = program.run("migrate", settings);
      expect(status).toBe(1);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      return stderr;
    };
    const file = (name: string, text: string) => {
      const path = join(program.folder, name);
      writeFileSync(path, text);
      return path;
    };
    expect(as({ ownerUrlFile: undefined })).toContain(
      "The database's user lacks a right: permission denied for database refused.",
    );
    expect(as({ ownerUrlFile: file("away", "postgres://small@127.0.0.1:9/refused") })).toContain(
      "does not answer. Start it, or correct the URL (ECONNREFUSED).",
    );
    for (const text of ["a database", "postgres://small:p/w@127.0.0.1:x/refused"]) {
      expect(as({ ownerUrlFile: file("no-url", text) })).toBe(
        `${join(program.folder, "no-url")} holds no URL of a database, as postgres://user:password@host:5432/name.\n`,
      );
    }
    expect(as({ urlFile: file("no-such", urlAs("small").replace("/refused", "/nowhere")) })).toContain(
      'database "nowhere" does not exist. Create it, or correct the URL',
    );
    expect(as({ urlFile: file("stranger", urlAs("stranger")) })).toContain(
      'The database refuses its user: role "stranger" does not exist.',
    );
    expect(as({ urlFile: file("elsewhere", urlAs("small").replace("/refused", "/postgres")) })).toContain(
      "replicas could not serve on them",
    );
    expect(as({ ownerUrlFile: join(program.folder, "missing") })).toMatch(/^There is no file .*missing/);
  });

  test("a table that somebody holds stops a migration before it stops everybody else", async () => {
    const { settings, storage, urlAs } = await onNewDatabase("held");
    const database = await openDatabase({ kind: "postgres", urlFile: storage.urlFile, connections: 2 });
    await migrate(database, { steps: migrations.slice(0, 3) });
    await inside(urlAs("postgres"), async (holder) => {
      await holder.query("begin; select from orchestrator.runs; lock table orchestrator.runs in share mode");
      const { status, stderr } = program.run("migrate", settings);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^A table was in use for too long, and nothing was changed: .*lock timeout/);
      await holder.query("rollback");
    });
    expect(await lackOf(database)).toBe(`The tables are at step 3; this release needs step ${newest}.`);
    expect(program.run("migrate", settings).status).toBe(0);
    expect(await lackOf(database)).toBeNull();
    await database.close();
  });

  test("a database that is away while a replica waits is waited for as well", async () => {
    const { replica, settings } = await onNewDatabase("away");
    const { server } = given();
    const [port = 0] = await ports(1);
    const started = program.begin(replica(port));
    await expect.poll(() => readiness(port)).toContain("no tables yet");
    server?.stop("immediate");
    await expect.poll(() => readiness(port)).toContain("The database does not answer");
    await server?.start();
    expect(program.run("migrate", settings).status).toBe(0);
    await started.listening;
    await expect.poll(() => readiness(port)).toBe("200 ready");
  });
});
