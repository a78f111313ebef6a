import type { Finding } from "../config/diagnostics/finding.ts";
import { agentsSection } from "./agents/text.ts";
import type { Blueprint, ModelBlueprint, NodePoolBlueprint, Reason, ReleaseBlueprint } from "./blueprint.ts";
import { countText, durationText, gibText } from "./figures.ts";
import { gatewaySection } from "./gateway/text.ts";
import type { StackHosting } from "./hosting/stack-hosting.ts";
import { hostingSection } from "./hosting/text.ts";
import { reasonList } from "./reason.ts";
import { type ReleaseFact, releaseFacts } from "./release-facts.ts";
import { residencySection } from "./residency/text.ts";

/** The Blueprint as a design note in Markdown: what is deployed, each figure with its origin, and what would change it. */
export function explain(blueprint: Blueprint, hosting: StackHosting | null, findings: readonly Finding[]): string {
  const shared = sharedBlocks(releasesOf(blueprint.models));
  const sections = [
    introduction(blueprint),
    hosting === null ? "" : hostingSection(hosting),
    summarySection(blueprint),
    poolSection(blueprint),
    residencySection(blueprint.residency),
    blueprint.gateway === null ? "" : gatewaySection(blueprint.gateway, blueprint),
    blueprint.agents === null ? "" : agentsSection(blueprint.agents, blueprint),
    ...Object.entries(blueprint.models).map(([name, model]) => modelSection(name, model, blueprint, shared)),
    shared.size === 0 ? "" : ["## The same for every release", "", ...shared].join("\n"),
    uncheckedSection(blueprint),
    findingSection(findings),
    silencedSection(blueprint),
  ];
  return `${sections
    .filter((section) => section !== "")
    .join("\n\n")
    .replaceAll(/\n{3,}/g, "\n\n")}\n`;
}

function introduction({ name, environment, cluster, models, lockHash }: Blueprint): string {
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
      : `What runs is taken from the lock ${lockHash.slice(0, 12)}.`,
    "Each figure below names its ground in brackets: a key of the stack file, an entry of the lock or of the catalog, or `policy` for a rule of Freehold's own.",
  ].join("\n");
}

function summarySection({ models, nodePools, rescheduleSeconds, gpuQuota }: Blueprint): string {
  const releases = releasesOf(models);
  const slowest = Math.max(0, ...releases.map(({ startup }) => startup.value.budgetSeconds));
  const inPlace = releases.filter(({ rollout }) => rollout.value.strategy === "replace-in-place");
  const rollouts =
    inPlace.length === 0
      ? "A roll-out costs no capacity: each new replica is ready before an old one stops."
      : `A roll-out costs capacity where no GPUs are spare: ${inPlace.map(({ release, rollout }) => `${release} keeps ${Math.floor(rollout.value.capacityDuringRollout * 100)} %`).join(", ")} while one replica is replaced.`;
  const first = releases[0];
  return [
    "## In short",
    "",
    ...releases.map(
      ({ release, replicas, gpusPerReplica, weights, nodePool }) =>
        `- ${release} serves ${weights.repository} (${gibText(weights.bytes.value)}) with ${countText(replicas.value, "replica")} of ${countText(gpusPerReplica.value, "GPU")} on ${nodePool}.`,
    ),
    `- ${rollouts}`,
    `- When a node dies, its replicas start elsewhere after about ${rescheduleSeconds} s if there is room, and serve once the weights are loaded: within ${durationText(slowest)} at worst.`,
    ...Object.entries(nodePools).map(([name, pool]) => `- A node less on ${name}: ${nodeLossText(pool)}`),
    `- The namespace may ask for at most ${countText(gpuQuota.value, "GPU")}.`,
    "",
    "Where the last figures come from:",
    "",
    ...(first === undefined ? [] : reasonList(first.tolerations.because)),
    ...reasonList(gpuQuota.because),
  ].join("\n");
}

function nodeLossText({ nodeLoss, nodes, gpusNeeded }: NodePoolBlueprint): string {
  if (gpusNeeded.value === 0) return "nothing runs there.";
  if (nodeLoss.survivesAtMin) return `everything finds room on ${nodes.min - 1} of ${nodes.min}.`;
  return nodeLoss.survivesAtMax
    ? `not everything finds room on what is left of ${nodes.min}. A further node, up to ${nodes.max}, has to join first.`
    : `not everything finds room on ${nodes.max - 1} of ${nodes.max}. Some replicas wait until the node is back or replaced; one more in \`nodes.max\` would change that.`;
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
  { overlap, servingVersion, service, port, versions, traffic }: ModelBlueprint,
  blueprint: Blueprint,
  shared: ReadonlySet<string>,
): string {
  return [
    `## Model ${name}`,
    "",
    blueprint.gateway === null
      ? `Callers reach it at http://${service}.${blueprint.namespaces.inference}.svc:${port}/v1; version ${servingVersion} answers. Only pods with the label \`freehold/inference-client: "true"\` may call, in namespaces with the labels \`freehold/stack: ${blueprint.name}\` and \`freehold/environment: ${blueprint.environment}\`.`
      : `Callers reach it through the gateway, under the name ${name}. ${trafficText(traffic)}`,
    `Room for a second version beside it: ${overlap.value.fits ? "yes" : "no"} (${countText(overlap.value.gpus, "GPU")}).`,
    "",
    ...reasonList(overlap.because),
    ...Object.values(versions).flatMap((release) => ["", releaseSection(release, blueprint, shared)]),
  ].join("\n");
}

function trafficText(traffic: ModelBlueprint["traffic"]): string {
  const shares = Object.entries(traffic).filter(([, percent]) => percent > 0);
  const [only, ...others] = shares;
  if (only !== undefined && others.length === 0) return `Version ${only[0]} answers.`;
  return `Of the requests, ${shares.map(([version, percent]) => `${percent} % go to version ${version}`).join(" and ")}; a conversation stays with its version.`;
}

function releaseSection(release: ReleaseBlueprint, { nodePools }: Blueprint, shared: ReadonlySet<string>): string {
  const zones = nodePools[release.nodePool]?.zones.length ?? 0;
  return [
    `### ${release.release}: ${release.weights.repository}`,
    "",
    release.spreadOverZones
      ? `Its replicas are spread over ${zones} zones where there is room.`
      : "Its pool names one zone or none, so the loss of that zone takes all replicas.",
    `Its priority class is ${release.priorityClass}: larger replicas come first, because small ones find a gap anywhere.`,
    "",
    ...releaseBlocks(release).filter((block) => !shared.has(block)),
  ].join("\n");
}

/** Pieces of the explanation that read the same for every release, so that they are said once. */
function sharedBlocks(releases: readonly ReleaseBlueprint[]): ReadonlySet<string> {
  const [first, ...others] = releases.map(releaseBlocks);
  if (first === undefined || others.length === 0) return new Set();
  return new Set(first.filter((block) => others.every((blocks) => blocks.includes(block))));
}

/** Everything there is to say about a release, each figure a block of its own. */
function releaseBlocks(release: ReleaseBlueprint): string[] {
  return [
    ...releaseFacts(release).map(factBlock),
    ...release.engineArguments.map(
      ({ flag, value, because }) => `- Engine option \`${flag}${value === null ? "" : ` ${value}`}\` ${texts(because)}`,
    ),
    ...release.environment.map(({ name, value, because }) => `- Environment \`${name}=${value}\` ${texts(because)}`),
    "",
  ];
}

function factBlock({ title, value, because, change }: ReleaseFact): string {
  return [`**${title}: ${value}.**`, "", ...reasonList(because), `- ${change}`, ""].join("\n");
}

function uncheckedSection({ models }: Blueprint): string {
  const lines = releasesOf(models).flatMap((release) => [
    ...(release.gpusPerReplica.because.some(({ path }) => path === "catalog.models")
      ? [
          `- ${release.release}: whether ${release.gpusPerReplica.value} divides the attention heads of ${release.weights.repository}; the catalog does not know the model.`,
        ]
      : []),
    ...(release.image.because.some(({ path }) => path === "catalog.engines.vllm.flagsSince")
      ? [`- ${release.release}: the engine's version, which the tag of ${release.image.value.reference} does not tell.`]
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
    ...(releasesOf(models).some(({ sizing }) => (sizing?.points.length ?? 0) === 0)
      ? ["- Whether the key-value cache has room for the requests of models that no workload names."]
      : []),
    "- Whether nodes have the host memory and cores that replicas ask for: the file does not say what else a node has.",
  ].join("\n");
}

function findingSection(findings: readonly Finding[]): string {
  const warnings = findings.filter(({ severity }) => severity === "warning");
  if (warnings.length === 0) return "";
  return ["## Warnings", "", ...warnings.map(({ code, title, fix }) => `- ${code}: ${title} ${fix}`)].join("\n");
}

function silencedSection({ silenced }: Blueprint): string {
  const entries = Object.entries(silenced);
  if (entries.length === 0) return "";
  return ["## Silenced warnings", "", ...entries.map(([code, reason]) => `- ${code}: ${reason}`)].join("\n");
}

function texts(because: readonly Reason[]): string {
  return because.map(({ text }) => text).join(" ");
}

function releasesOf(models: Blueprint["models"]): ReleaseBlueprint[] {
  return Object.values(models).flatMap(({ versions }) => Object.values(versions));
}
