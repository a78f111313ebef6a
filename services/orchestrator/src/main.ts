import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { AgentNotLoadable, withCustom } from "./agents/custom.ts";
import { shipped } from "./agents/shipped.ts";
import { startService } from "./service.ts";
import { settingsSchema } from "./settings.ts";
import { FolderInUse, NoEmbeddedDatabase } from "./storage/open.ts";
import { SecretUnusable } from "./webhooks/deliveries.ts";

const path = process.argv[2];
if (path === undefined) fail("Usage: orchestrator SETTINGS.json");
const parsed = settingsSchema.safeParse(read(path));
if (!parsed.success) fail(`${path}\n${z.prettifyError(parsed.error)}`);

try {
  const service = await startService(parsed.data, await withCustom(shipped, parsed.data.graphs, dirname(path)));
  const stop = () => {
    service.stop().then(
      () => process.exit(0),
      (error: Error) => fail(`The replica did not stop cleanly: ${error.message}`),
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  // Who reads this line may send SIGTERM at once.
  process.stdout.write(`${JSON.stringify({ event: "listening", url: service.url, admin: service.adminUrl })}\n`);
} catch (error) {
  // Said by whoever threw it, in sentences that stand alone.
  const told = [AgentNotLoadable, FolderInUse, NoEmbeddedDatabase, SecretUnusable, z.ZodError];
  if (told.some((kind) => error instanceof kind)) fail((error as Error).message);
  const { code, path: file } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") fail(`There is no file ${file}, which the settings name.`);
  const { address, port } = error as { address?: string; port?: number };
  const key = port === parsed.data.admin?.port ? "admin.port" : "listen.port";
  if (code === "EADDRINUSE") fail(`${address}:${port} is taken by another process. Set ${key} to a free one.`);
  if (code === "EACCES" || code === "EADDRNOTAVAIL") fail(`Cannot listen on ${address}:${port} (${code}).`);
  if (code === "ECONNREFUSED") fail("The database that storage.urlFile names does not answer.");
  throw error;
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
