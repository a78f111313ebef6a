import type { StorageSettings } from "../settings.ts";
import type { Database } from "./database.ts";
import { migrate } from "./migrate.ts";
import { openDatabase } from "./open.ts";
import { lackOf, TablesNotThere } from "./shape.ts";

/** Migrates and ends, for replicas that wait for it; verified as the user that they connect as. Returns the steps it took. */
export async function migrateOnly(storage: StorageSettings): Promise<number[]> {
  const serving = await openDatabase(storage);
  try {
    const taken =
      storage.kind === "postgres" && storage.ownerUrlFile !== undefined
        ? await migrateAs(storage.ownerUrlFile, serving)
        : await migrate(serving);
    const lack = await lackOf(serving);
    if (lack === null) return taken;
    throw new TablesNotThere(
      `The tables were changed, and replicas could not serve on them: ${lack} Both URLs have to name the same database.`,
    );
  } finally {
    await serving.close();
  }
}

async function migrateAs(urlFile: string, serving: Database): Promise<number[]> {
  const { rows } = await serving.asOwner((transaction) =>
    transaction.query<{ name: string }>("select current_user as name"),
  );
  const owner = await openDatabase({ kind: "postgres", urlFile, connections: 2 });
  try {
    return await migrate(owner, { servingUser: rows[0]?.name ?? "" });
  } finally {
    await owner.close();
  }
}
