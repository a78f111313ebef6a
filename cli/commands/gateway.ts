import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../config/schema/index.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import { decide } from "../../decisions/decide.ts";
import { type Command, exitCodes, fileUsage } from "../command.ts";
import { bringUpGateway, serviceLines } from "../local-services.ts";
import { openStack, report } from "../stack.ts";

/** Where mirrors and models outside stand, as far as a process of this machine is concerned: it reaches neither. */
const anyPrivateNetwork = "10.0.0.0/8";

/** Longest time that a timer takes: 24 days. */
const longestTimerMilliseconds = 2 ** 31 - 1;

export const gateway: Command = {
  name: "gateway",
  summary: "Runs the gateway of a stack alone on this machine until Ctrl-C, every model simulated.",
  usage: fileUsage,
  positionals: 1,
  options: {},
  async run(context, _options, [file]) {
    const { config, findings, files } = openStack(context, file);
    if (config === null) {
      report(context, findings, files);
      return exitCodes.findings;
    }
    const asOf = context.now().toISOString().slice(0, 10);
    const decided = decide(onThisMachine(config), null, catalog, { asOf, lockHash: null });
    const { blueprint } = decided;
    if (blueprint === null) {
      report(context, decided.findings, files);
      return exitCodes.findings;
    }
    const { stdout } = context.terminal;
    if (blueprint.gateway === null) {
      stdout.write("The file has no section `gateway`, so there is nothing to run.\n");
      return exitCodes.findings;
    }
    const running = await bringUpGateway(context, blueprint, blueprint.gateway);
    const folder = relative(context.workingDirectory, running.directory);
    stdout.write(
      [
        ...serviceLines(running, blueprint, context.workingDirectory),
        `${running.engines} simulated models, those outside included. Settings, tokens and logs: ${folder}. Ctrl-C ends it.`,
        "",
      ].join("\n"),
    );
    // A timer, and not the signal alone: nothing else keeps this process alive.
    await sleep(longestTimerMilliseconds, undefined, { signal: context.signal }).catch(() => undefined);
    await running.stop();
    return exitCodes.fine;
  },
};

/** The file as the local cluster would read it: nothing has to be locked, and where hosts stand does not matter. */
function onThisMachine(config: Config): Config {
  const { residency } = config;
  const networks = residency?.sources?.networks ?? [anyPrivateNetwork];
  return {
    ...config,
    cluster: { target: "local" },
    state: { backend: "local" },
    ...(residency === undefined ? {} : { residency: { ...residency, sources: { ...residency.sources, networks } } }),
  };
}
