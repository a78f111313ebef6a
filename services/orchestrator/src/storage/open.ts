import { linkSync, mkdirSync, readFileSync, rmdirSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import pg from "pg";
import type { DatabasePlace } from "../settings.ts";
import { type Database, databaseOn } from "./database.ts";

/** The folder of the embedded database is in use, or its lock cannot be read. */
export class FolderInUse extends Error {
  override name = "FolderInUse";
}

/** The embedded database is not part of this installation. */
export class NoEmbeddedDatabase extends Error {
  override name = "NoEmbeddedDatabase";
}

/** The file that should hold the database's URL holds something else, which may be a password and is not shown. */
export class NoDatabaseUrl extends Error {
  override name = "NoDatabaseUrl";
}

/**
 * A process that stands still in the middle of a transaction, or is cut off there, still holds its locks, and a reaper
 * passes over a run that is locked. After this time the server ends such a transaction.
 */
const standStillMilliseconds = 3000;

/** A ready connection to the database that the settings name; the embedded one takes its folder for itself. */
export async function openDatabase(settings: DatabasePlace): Promise<Database> {
  if (settings.kind === "postgres") {
    const connectionString = readFileSync(settings.urlFile, "utf8").trim();
    if (!/^postgres(ql)?:\/\//.test(connectionString) || !URL.canParse(connectionString)) {
      throw new NoDatabaseUrl(
        `${settings.urlFile} holds no URL of a database, as postgres://user:password@host:5432/name.`,
      );
    }
    const pool = new pg.Pool({
      connectionString,
      max: settings.connections,
      connectionTimeoutMillis: 5000,
      idle_in_transaction_session_timeout: standStillMilliseconds,
    });
    return databaseOn(pool);
  }
  const [{ PGlite }, { createPgConfig }] = await embeddedDatabase();
  const release = takeFolder(settings.folder);
  try {
    const embedded = await PGlite.create(settings.folder);
    // One connection: a second one on the same embedded database ends the process.
    const pool = new pg.Pool({ ...createPgConfig(embedded), max: 1 } as pg.PoolConfig);
    return databaseOn(pool, async () => {
      await embedded.close();
      release();
    });
  } catch (error) {
    release();
    throw error;
  }
}

/** Loaded where it is used: the image for clusters does not carry it. */
async function embeddedDatabase() {
  try {
    return await Promise.all([import("@electric-sql/pglite"), import("@electric-sql/pglite/node-postgres")]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new NoEmbeddedDatabase(
      "The embedded database is not installed here; the image does not carry it. Set storage to a PostgreSQL server.",
    );
  }
}

/**
 * Takes the lock of a database folder; two processes on one folder destroy it, and PGlite itself does not look.
 * A lock whose process is gone is taken over.
 */
function takeFolder(folder: string): () => void {
  mkdirSync(dirname(folder), { recursive: true });
  const path = `${folder}.lock`;
  // A link appears with its content: nobody ever reads a lock that does not yet name its owner.
  const own = `${path}.${process.pid}`;
  writeFileSync(own, `${process.pid}\n`);
  try {
    if (isLinked(own, path)) return () => unlinkSync(path);
    removeStale(folder, path);
    if (isLinked(own, path)) return () => unlinkSync(path);
  } finally {
    unlinkSync(own);
  }
  throw inUse(folder, ownerOf(path));
}

/** Removes the lock of a process that is gone; one remover at a time, so that none removes the lock of the next owner. */
function removeStale(folder: string, path: string): void {
  const turn = `${path}.turn`;
  try {
    mkdirSync(turn);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new FolderInUse(
      `Another process is taking over the database folder ${folder}. Start again in a moment; ` +
        `if no process is, remove the folder ${turn}.`,
    );
  }
  try {
    const owner = ownerOf(path);
    if (owner === null) return;
    if (Number.isNaN(owner) || isAlive(owner)) throw inUse(folder, owner);
    unlinkSync(path);
  } finally {
    rmdirSync(turn);
  }
}

function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Process id in the lock, NaN where it holds none, null where there is no lock. */
function ownerOf(path: string): number | null {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function inUse(folder: string, owner: number | null): FolderInUse {
  return new FolderInUse(
    `The database folder ${folder} is in use by process ${owner ?? "that has just ended"}. ` +
      "Two processes on one embedded database destroy it. Stop that process, or set storage to a PostgreSQL server.",
  );
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
