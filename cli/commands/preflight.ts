import { resolve } from "node:path";
import { type Finding, finding, passes } from "../../config/diagnostics/finding.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import { isAtLeast } from "../../decisions/residency/mode.ts";
import { type ClusterFacts, readClusterFacts } from "../cluster/cluster-facts.ts";
import { belowFloor } from "../cluster/cluster-software.ts";
import { checkEnforcement, measurePolicies } from "../cluster/policy-gate.ts";
import { preflight as checkCluster } from "../cluster/preflight.ts";
import { reachTarget } from "../cluster/target.ts";
import { type Command, exitCodes, fileUsage } from "../command.ts";
import { replaceFile } from "../disk.ts";
import { openStack, report } from "../stack.ts";
import { ProgressReport } from "../terminal/progress.ts";

export const preflight: Command = {
  name: "preflight",
  summary:
    "Reads the cluster, tries with pods of its own whether policies are enforced, and says what is missing; leaves nothing.",
  usage: `${fileUsage} [--context NAME] [--out PATH]`,
  positionals: 1,
  options: {
    context: {
      type: "string",
      value: "NAME",
      description: "Context of your own cluster. Left out: the remembered one.",
    },
    out: { type: "string", value: "PATH", description: "Also write the facts there as JSON. Left out: to stdout." },
  },
  async run(context, options, [file]) {
    const { blueprint, findings, files } = openStack(context, file);
    if (!report(context, findings, files) || blueprint === null) return exitCodes.findings;
    const { stdout } = context.terminal;
    const progress = new ProgressReport(context.terminal);
    const target = await reachTarget(context, blueprint, options.context as string | undefined, progress);
    if (target === null) {
      stdout.write("There is no cluster to read: the local control plane is down. npm start brings it up.\n");
      return exitCodes.findings;
    }
    const gate = { context, blueprint, target, progress };
    const networkPolicies = await measurePolicies(gate);
    progress.close();
    const facts = { ...(await readClusterFacts(target, blueprint)), networkPolicies };
    const text = `${JSON.stringify(facts, null, 2)}\n`;
    if (typeof options.out === "string") replaceFile(resolve(context.workingDirectory, options.out), text);
    else stdout.write(text);
    const found = [
      // Containers are simulated there, so that tags and missing Secrets do no harm.
      ...(target.simulated ? [] : await checkCluster(target.access, blueprint)),
      ...(isAtLeast(blueprint.residency.mode.value, "region-bound")
        ? belowFloor(target.access.context, facts.software, catalog.floors)
        : []),
      ...missingSecrets(target.access.context, facts),
      ...checkEnforcement(gate, networkPolicies),
    ];
    report(context, found, files);
    return passes(found) ? exitCodes.fine : exitCodes.findings;
  },
};

function missingSecrets(context: string, { secrets }: ClusterFacts): readonly Finding[] {
  return secrets
    .filter(({ isThere }) => !isThere)
    .map(({ namespace, secret, key }) => finding("RUN-146", { subject: context }, { context, namespace, secret, key }));
}
