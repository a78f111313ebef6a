import { checkoutRoot } from "../cli/checkout-root.ts";
import { runCommandLine } from "../cli/command-line.ts";
import { synth } from "../cli/commands/synth.ts";
import { processTerminal } from "../cli/terminal/terminal.ts";

// The app of cdktf-cli: `freehold synth` into the folder that cdktf-cli names, so that both write the same bytes.
const { CDKTF_OUTDIR } = process.env;
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => stop.abort(new Error(name)));

process.exitCode = await runCommandLine(
  ["synth", ...(CDKTF_OUTDIR === undefined ? [] : ["--out", CDKTF_OUTDIR])],
  [synth],
  {
    terminal: processTerminal(process.env),
    environment: process.env,
    root: checkoutRoot(import.meta.url),
    workingDirectory: process.cwd(),
    signal: stop.signal,
    now: () => new Date(),
  },
);
