import { checkoutRoot } from "./checkout-root.ts";
import { runCommandLine } from "./command-line.ts";
import { commands } from "./commands/index.ts";
import { processTerminal } from "./terminal/terminal.ts";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => stop.abort(new Error(name)));

process.exitCode = await runCommandLine(process.argv.slice(2), commands, {
  terminal: processTerminal(process.env),
  environment: process.env,
  root: checkoutRoot(import.meta.url),
  workingDirectory: process.cwd(),
  signal: stop.signal,
  now: () => new Date(),
});
