import type { Blueprint, ReleaseBlueprint } from "./blueprint.ts";
import { countText } from "./figures.ts";
import type { StackHosting } from "./hosting/stack-hosting.ts";
import { hostingSection } from "./hosting/text.ts";
import { boundedText } from "./range.ts";
import { latencyText, rate } from "./sizing-reasons.ts";

/** The answer to "should we, on what, and what does it cost" as Markdown: verdicts first, then the GPUs. */
export function decisionText(title: string, blueprint: Blueprint | null, hosting: StackHosting | null): string {
  return `${[
    `# ${title}`,
    hosting === null
      ? "The file names no workloads, so whether to host, and at what cost, is not decided. Add a section `workloads`: what is asked of each model in a month."
      : hostingSection(hosting),
    blueprint === null ? "" : gpuSection(blueprint),
  ]
    .filter((part) => part !== "")
    .join("\n\n")}\n`;
}

function gpuSection({ models, nodePools }: Blueprint): string {
  const releases = Object.values(models).flatMap(({ versions }) => Object.values(versions));
  return [
    "## What it takes",
    "",
    "| Release | Replicas | GPUs each | GPUs | On |",
    "|---|---|---|---|---|",
    ...releases.map(releaseRow),
    "",
    ...releases.flatMap(loadLines),
    ...Object.entries(nodePools).map(
      ([name, { gpusNeeded, gpusAtMax }]) =>
        `- ${name}: ${countText(gpusNeeded.value, "GPU")} of ${gpusAtMax} are used.`,
    ),
  ].join("\n");
}

function releaseRow({ release, replicas, gpusPerReplica, sizing, nodePool, accelerator }: ReleaseBlueprint): string {
  const fleet = sizing?.fleet ?? null;
  const split =
    fleet === null || fleet.working + fleet.spare !== replicas.value
      ? String(replicas.value)
      : `${fleet.working} + ${fleet.spare} spare`;
  return `| ${release} | ${split} | ${gpusPerReplica.value} | ${replicas.value * gpusPerReplica.value} | ${nodePool} (${accelerator}) |`;
}

function loadLines({ release, sizing }: ReleaseBlueprint): string[] {
  return (sizing?.points ?? []).map(
    (point) =>
      `- ${release}, ${point.workload}: one replica does ${boundedText(point.requestsPerSecond, rate)} requests a second with ${point.concurrency} at once. ${latencyText(point)}`,
  );
}
