import type { LiveState } from "./cluster/live-state.ts";
import { type StepRecord, spokenSeconds } from "./terminal/progress.ts";
import { table } from "./terminal/table.ts";

/** The closing tables of `up` and `status`: what each stack holds, node pools. */
export function liveTables({ platform, releases, pools }: LiveState): string {
  const releaseRows = [
    [
      "platform",
      platform.namespace,
      "(namespace, quota)",
      platform.ready ? "yes" : "no",
      `${platform.gpusUsed} of ${platform.gpusAllowed} allowed`,
    ],
    ...releases.map((release) => [
      release.stack,
      release.release,
      release.serving ? release.model : "(no traffic)",
      `${release.replicasReady} of ${release.replicasWanted}`,
      String(release.gpusHeld),
    ]),
  ];
  const poolRows = pools.map(({ pool, nodesReady, gpusHeld, gpusAvailable }) => [
    pool,
    String(nodesReady),
    `${gpusHeld} of ${gpusAvailable}`,
  ]);
  return [
    table(["STACK", "HOLDS", "SERVES", "READY", "GPUS"], releaseRows),
    table(["NODE POOL", "NODES READY", "GPUS USED"], poolRows),
  ].join("\n\n");
}

/** How long each step took. */
export function stepTable(steps: readonly StepRecord[]): string {
  return table(
    ["STEP", "OUTCOME", "TIME"],
    steps.map(({ label, outcome, seconds }) => [label, outcome, spokenSeconds(seconds)]),
  );
}
