import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { AgentNotLoadable, withCustom } from "./agents/custom.ts";
import { shipped } from "./agents/shipped.ts";
import { startService } from "./service.ts";
import { settingsSchema } from "./settings.ts";
import { migrateOnly } from "./storage/migrate-only.ts";
import { FolderInUse, NoDatabaseUrl, NoEmbeddedDatabase } from "./storage/open.ts";
import { databaseProblem } from "./storage/problem.ts";
import { TablesNotThere, TablesTooNew } from "./storage/shape.ts";
import { SecretUnusable } from "./webhooks/deliveries.ts";
import { NoProxy } from "./webhooks/proxy.ts";

const words = process.argv.slice(2);
const isMigration = words[0] === "migrate";
const [path, ...others] = isMigration ? words.slice(1) : words;
if (path === undefined || others.length > 0) fail("Usage: orchestrator [migrate] SETTINGS.json");
const parsed = settingsSchema.safeParse(read(path));
if (!parsed.success) fail(`${path}\n${z.prettifyError(parsed.error)}`);

// As the first process of a container it would not hear a signal that it does not ask for. Nothing has begun yet.
let stop = (): void => process.exit(isMigration ? 1 : 0);
process.once("SIGTERM", () => stop());
process.once("SIGINT", () => stop());

try {
  if (isMigration) {
    say({ event: "migrated", steps: await migrateOnly(parsed.data.storage) });
  } else {
    const kinds = await withCustom(shipped, parsed.data.graphs, dirname(path));
    const service = await startService(parsed.data, kinds, (lack) => say({ event: "waiting", for: lack }));
    stop = () => {
      service.stop().then(
        () => process.exit(0),
        (error: Error) => fail(`The replica did not stop cleanly: ${error.message}`),
      );
    };
    // Who reads this line may send SIGTERM at once.
    say({ event: "listening", url: service.url, admin: service.adminUrl });
  }
} catch (error) {
  // Said by whoever threw it, in sentences that stand alone.
  const told = [
    AgentNotLoadable,
    FolderInUse,
    NoDatabaseUrl,
    NoEmbeddedDatabase,
    NoProxy,
    SecretUnusable,
    TablesNotThere,
    TablesTooNew,
    z.ZodError,
  ];
  if (told.some((kind) => error instanceof kind)) fail((error as Error).message);
  const { code, path: file } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") fail(`There is no file ${file}, which the settings name.`);
  const { address, port } = error as { address?: string; port?: number };
  const key = port === parsed.data.admin?.port ? "admin.port" : "listen.port";
  if (code === "EADDRINUSE") fail(`${address}:${port} is taken by another process. Set ${key} to a free one.`);
  if (code === "EACCES" || code === "EADDRNOTAVAIL") fail(`Cannot listen on ${address}:${port} (${code}).`);
  const problem = databaseProblem(error);
  if (problem !== null) fail(problem);
  throw error;
}

function say(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function read(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    fail(`${path} cannot be read as JSON: ${(error as Error).message}`);
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
