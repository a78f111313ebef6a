import { isReady, readLiveState } from "../cluster/live-state.ts";
import { reachTarget } from "../cluster/target.ts";
import { type Command, exitCodes, fileUsage, jsonOption } from "../command.ts";
import { liveTables } from "../live-report.ts";
import { openStack, refuse } from "../stack.ts";
import { ProgressReport } from "../terminal/progress.ts";

export const status: Command = {
  name: "status",
  summary:
    "Shows what runs: releases, replicas ready, GPUs used of available. Exit code 1 when something is not ready.",
  usage: `${fileUsage} [--context NAME] [--json]`,
  positionals: 1,
  options: {
    context: {
      type: "string",
      value: "NAME",
      description: "Context of your own cluster. Left out: the remembered one.",
    },
    ...jsonOption,
  },
  async run(context, options, [file]) {
    const { blueprint, findings, files } = openStack(context, file);
    if (blueprint === null) {
      refuse(context, options.json === true, findings, files);
      return exitCodes.findings;
    }
    const { stdout } = context.terminal;
    const progress = new ProgressReport(context.terminal);
    const target = await reachTarget(context, blueprint, options.context as string | undefined, progress);
    if (target === null) {
      if (options.json === true)
        stdout.write(`${JSON.stringify({ running: false, platform: null, releases: [], pools: [] }, null, 2)}\n`);
      else stdout.write("Nothing runs: the local control plane is down. npm start brings it up.\n");
      return exitCodes.findings;
    }
    const state = await readLiveState(target.access, blueprint);
    if (options.json === true) {
      const { uid, kubernetesVersion, simulated } = target;
      stdout.write(`${JSON.stringify({ running: true, uid, kubernetesVersion, simulated, ...state }, null, 2)}\n`);
    } else {
      stdout.write(`${liveTables(state)}\n`);
    }
    return isReady(state) ? exitCodes.fine : exitCodes.findings;
  },
};
