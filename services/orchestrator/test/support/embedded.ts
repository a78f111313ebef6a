import { cp, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import manifest from "../../package.json" with { type: "json" };
import type { StorageSettings } from "../../src/settings.ts";

const own = fileURLToPath(new URL("../../../../.freehold/", import.meta.url));
const template = join(own, `embedded-database-${manifest.dependencies["@electric-sql/pglite"]}`);

/**
 * Settings of an embedded database in this folder, which must not be there yet. It begins as a copy of an empty database: to
 * make one takes seconds of the processor, and the tests begin some fifty. That a start makes one is tested in start.test.ts.
 */
export async function embeddedStorage(folder: string): Promise<StorageSettings & { readonly kind: "embedded" }> {
  await copyTemplate(folder).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    await makeTemplate();
    await copyTemplate(folder);
  });
  return { kind: "embedded", folder };
}

async function copyTemplate(folder: string): Promise<void> {
  await cp(template, folder, { recursive: true });
}

/** An empty database, whole or not there: several test files may begin it at once, and the first that is done stays. */
async function makeTemplate(): Promise<void> {
  const unfinished = await mkdtemp(join(own, "unfinished-"));
  const database = await PGlite.create(join(unfinished, "data"));
  await database.close();
  try {
    await rename(join(unfinished, "data"), template);
  } catch (error) {
    if (!["EEXIST", "ENOTEMPTY"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
