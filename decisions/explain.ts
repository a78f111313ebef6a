import type { Finding } from "../config/diagnostics/finding.ts";
import type { Blueprint, ModelBlueprint, NodePoolBlueprint, Reason, ReleaseBlueprint } from "./blueprint.ts";
import { countText, durationText, gibText } from "./figures.ts";

/** The Blueprint as a design note in Markdown: what is deployed, each figure with its origin, and what would change it. */
export function explain(blueprint: Blueprint, findings: readonly Finding[]): string {
  const sections = [
    introduction(blueprint),
    poolSection(blueprint),
    ...Object.entries(blueprint.models).map(([name, model]) => modelSection(name, model, blueprint)),
    faultSection(blueprint),
    uncheckedSection(blueprint),
    findingSection(findings),
    silencedSection(blueprint),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function introduction({ name, environment, cluster, models, lockHash, gpuQuota }: Blueprint): string {
  const releases = releasesOf(models);
  const where =
    cluster.target === "local"
      ? "the local control plane, where scheduling is real and containers are simulated"
      : `an existing cluster${cluster.context === null ? "" : ` (context ${cluster.context})`}`;
  return [
    `# ${name} / ${environment}`,
    "",
    `${countText(Object.keys(models).length, "model")} in ${countText(releases.length, "release")}, on ${where}. Kubernetes ${cluster.kubernetes.min} to ${cluster.kubernetes.max} is supported.`,
    lockHash === null
      ? "There is no lock: tags and branches decide what runs."
      : `The lock it was decided with has the hash ${lockHash.slice(0, 12)}.`,
    `The namespace may ask for at most ${countText(gpuQuota.value, "GPU")}.`,
    "",
    ...reasonList(gpuQuota.because),
  ].join("\n");
}

function poolSection({ nodePools }: Blueprint): string {
  const rows = Object.entries(nodePools).map(
    ([name, pool]) =>
      `| ${name} | ${pool.accelerator} | ${pool.gpusNeeded.value} | ${pool.gpusDuringRollout.value} | ${pool.gpusAtMin} | ${pool.gpusAtMax} |`,
  );
  return [
    "## Node pools",
    "",
    "| Pool | Accelerator | GPUs needed | During a roll-out | At min nodes | At max nodes |",
    "|---|---|---|---|---|---|",
    ...rows,
    ...Object.entries(nodePools).flatMap(([name, pool]) => [
      "",
      `${name}:`,
      "",
      ...reasonList(pool.gpusNeeded.because),
      ...reasonList(pool.gpusDuringRollout.because),
    ]),
  ].join("\n");
}

function modelSection(
  name: string,
  { overlap, servingVersion, service, port, versions }: ModelBlueprint,
  blueprint: Blueprint,
): string {
  return [
    `## Model ${name}`,
    "",
    `Callers reach it as ${service}:${port} in the cluster; version ${servingVersion} answers.`,
    `Room for a second version beside it: ${overlap.value.fits ? "yes" : "no"} (${countText(overlap.value.gpus, "GPU")}).`,
    "",
    ...reasonList(overlap.because),
    ...Object.values(versions).flatMap((release) => ["", releaseSection(release, blueprint)]),
  ].join("\n");
}

function releaseSection(release: ReleaseBlueprint, { nodePools }: Blueprint): string {
  const { weights, rollout, drain, startup, readiness, liveness, image } = release;
  const fact = (title: string, value: string, because: readonly Reason[]) => [
    `**${title}: ${value}.**`,
    "",
    ...reasonList(because),
    "",
  ];
  const zones = nodePools[release.nodePool]?.zones.length ?? 0;
  return [
    `### ${release.release}: ${weights.repository}`,
    "",
    ...fact("Image", image.value.deployed, image.because),
    ...fact("Weights", `${gibText(weights.bytes.value)}, revision ${weights.deployedRevision}`, weights.bytes.because),
    ...fact("Weight volume", gibText(weights.claimBytes.value), weights.claimBytes.because),
    ...fact(
      "Fetching the weights",
      `at most ${durationText(weights.fetchTimeoutSeconds.value)}`,
      weights.fetchTimeoutSeconds.because,
    ),
    ...fact("Replicas", `${release.replicas.value}`, release.replicas.because),
    ...fact("GPUs a replica", `${release.gpusPerReplica.value}`, release.gpusPerReplica.because),
    ...fact("CPU a replica", countText(release.cpu.value.requestMillicores / 1000, "core"), release.cpu.because),
    ...fact("Host memory a replica", gibText(release.hostMemoryBytes.value), release.hostMemoryBytes.because),
    ...fact("Shared memory", gibText(release.sharedMemoryBytes.value), release.sharedMemoryBytes.because),
    ...fact(
      "Roll-out",
      rollout.value.strategy === "surge"
        ? "the successor starts first"
        : `in place, ${Math.floor(rollout.value.capacityDuringRollout * 100)} % of the capacity serves meanwhile`,
      rollout.because,
    ),
    ...fact("Stopping", `within ${drain.value.terminationGracePeriodSeconds} s`, drain.because),
    ...fact("Starting", `within ${durationText(startup.value.budgetSeconds)}`, startup.because),
    ...fact("Ready", `${readiness.value.path} answers`, readiness.because),
    ...fact("Alive", `no stall of ${liveness.value.stallSeconds} s under work`, liveness.because),
    ...fact(
      "Node drains",
      `${release.disruptionBudget.value.maxUnavailable} replica at a time`,
      release.disruptionBudget.because,
    ),
    ...fact(
      "A stuck replica is reported after",
      durationText(release.progressDeadlineSeconds.value),
      release.progressDeadlineSeconds.because,
    ),
    ...fact(
      "Helm rolls back after",
      durationText(release.releaseTimeoutSeconds.value),
      release.releaseTimeoutSeconds.because,
    ),
    release.spreadOverZones
      ? `Its replicas are spread over ${zones} zones where there is room.`
      : "Its pool names one zone or none, so the loss of that zone takes all replicas.",
    `Its priority class is ${release.priorityClass}: larger replicas come first, because small ones find a gap anywhere.`,
    "",
    "Engine options:",
    "",
    ...release.engineArguments.map(
      ({ flag, value, because }) => `- \`${flag}${value === null ? "" : ` ${value}`}\` ${texts(because)}`,
    ),
    "",
    "Environment:",
    "",
    ...release.environment.map(({ name, value, because }) => `- \`${name}=${value}\` ${texts(because)}`),
  ].join("\n");
}

function faultSection({ nodePools, models, rescheduleSeconds }: Blueprint): string {
  const slowest = Math.max(0, ...releasesOf(models).map(({ startup }) => startup.value.budgetSeconds));
  const first = releasesOf(models)[0];
  return [
    "## When a node dies",
    "",
    `Its replicas start elsewhere after about ${rescheduleSeconds} s, if there is room, and serve once the weights are loaded: within ${durationText(slowest)} in the worst case.`,
    "",
    ...Object.entries(nodePools).map(([name, pool]) => `- ${name}: ${nodeLossText(pool)}`),
    ...(first === undefined ? [] : ["", ...reasonList(first.tolerations.because)]),
  ].join("\n");
}

function nodeLossText({ nodeLoss, nodes, gpusNeeded }: NodePoolBlueprint): string {
  if (gpusNeeded.value === 0) return "nothing runs there.";
  if (nodeLoss.survivesAtMin) return `the other ${nodes.min - 1} of ${nodes.min} nodes have room for everything.`;
  return nodeLoss.survivesAtMax
    ? `what is left of ${nodes.min} nodes is not enough; with ${nodes.max} nodes it is, so a further node has to join.`
    : "there is no room for everything until the node is back or replaced; some replicas stay Pending.";
}

function uncheckedSection({ models }: Blueprint): string {
  const lines = releasesOf(models).flatMap((release) => [
    ...(release.gpusPerReplica.because.some(({ path }) => path === "catalog.models")
      ? [
          `- ${release.release}: whether ${release.gpusPerReplica.value} GPUs divide the attention heads of ${release.weights.repository}; the catalog does not know the model.`,
        ]
      : []),
    ...(release.weights.commit === null
      ? [
          `- ${release.release}: size and content of the weight files; ${release.weights.revision} is not locked to a commit.`,
        ]
      : []),
    ...(release.image.value.digest === null
      ? [`- ${release.release}: which image ${release.image.value.reference} is; it is not locked to a digest.`]
      : []),
  ]);
  return [
    "## What could not be checked",
    "",
    ...lines,
    "- Whether the key-value cache has room for the requests you expect: the file does not say yet how many come.",
    "- Whether nodes have the host memory and cores that replicas ask for: the file does not say what else a node has.",
  ].join("\n");
}

function findingSection(findings: readonly Finding[]): string {
  const warnings = findings.filter(({ severity }) => severity === "warning");
  if (warnings.length === 0) return "";
  return ["## Warnings", "", ...warnings.map(({ code, title, fix }) => `- ${code} ${title} ${fix}`)].join("\n");
}

function silencedSection({ silenced }: Blueprint): string {
  const entries = Object.entries(silenced);
  if (entries.length === 0) return "";
  return ["## Silenced warnings", "", ...entries.map(([code, reason]) => `- ${code}: ${reason}`)].join("\n");
}

function reasonList(because: readonly Reason[]): string[] {
  return because.map(({ path, text }) => `- ${text} (${path === "policy" ? "policy" : `\`${path}\``})`);
}

function texts(because: readonly Reason[]): string {
  return because.map(({ text }) => text).join(" ");
}

function releasesOf(models: Blueprint["models"]): ReleaseBlueprint[] {
  return Object.values(models).flatMap(({ versions }) => Object.values(versions));
}
