import { codes } from "../../config/diagnostics/codes.ts";
import type { Finding } from "../../config/diagnostics/finding.ts";
import { secretsOf } from "../agents/secrets.ts";
import type { Blueprint, ReleaseBlueprint } from "../blueprint.ts";
import type { FloorFacts } from "./floors.ts";
import { flowPicture } from "./picture.ts";
import { flowTable, residencySection } from "./text.ts";

/** What the evidence of a stack is made from. */
export interface EvidenceSource {
  readonly blueprint: Blueprint;
  /** Everything that was found, warnings included; an error would have left no Blueprint. */
  readonly findings: readonly Finding[];
  /** Floors of what runs, each with the day it was last looked at. */
  readonly floors: readonly FloorFacts[];
  /** Everything that a site without a network would carry. */
  readonly artifacts: readonly {
    readonly kind: string;
    readonly name: string;
    readonly digest: string | null;
    /** Null where nothing says it. */
    readonly bytes: number | null;
  }[];
  /** SHA-256 of each file that Terraform reads, by its path below the output folder. */
  readonly output: Readonly<Record<string, string>>;
}

const what: Readonly<Record<string, string>> = {
  "inventory.json": "what runs: models, weights with their files' hashes, images with digests, GPUs",
  "artifacts.json": "images, charts, providers and files of models, each with its digest and size where they are known",
  "residency.json": "what was decided about residency, each fact with its reasons",
  "flows.md": "every connection that may be opened, as a table",
  "flows.svg": "the same as a picture",
  "egress.json":
    "every way out of the cluster, and every provider and model outside that requests may be sent to, with whose",
  "exceptions.json": "rules that are lifted, by whom, why and until when",
  "checks.json": "every rule that was held against file, decisions and output, with what it found",
  "floors.json": "oldest releases without a published advisory, with the day somebody looked",
  "switches.json": "variables that keep software from reporting home",
  "retention.json": "what is kept of prompts and answers, by whom, where and for how long",
  "output.sha256": "hashes of the files that are applied",
  "not-checked.md": "what this folder does not prove",
};

/** The evidence of a stack as files by name. The same stack gives the same texts; nothing in them depends on the hour. */
export function evidenceFiles({
  blueprint,
  findings,
  floors,
  artifacts,
  output,
}: EvidenceSource): Readonly<Record<string, string>> {
  const { residency, name, environment } = blueprint;
  const title = `Connections of ${name} / ${environment}`;
  return {
    "inventory.json": json(inventory(blueprint)),
    "artifacts.json": json(artifacts),
    "residency.json": json(residency),
    "flows.md": lines(`# ${title}`, "", "Every other connection is denied.", "", ...flowTable(residency.edges)),
    "flows.svg": flowPicture(residency.edges, title),
    "egress.json": json({
      networks: residency.edges.filter(({ to }) => to.kind === "networks" || to.kind === "names"),
      proxy: residency.egress,
      providers: residency.endpoints,
      frontiers: residency.frontiers,
      hub: residency.hub,
    }),
    "exceptions.json": json(residency.exceptions),
    "checks.json": json(checks(findings)),
    "floors.json": json(floors),
    "switches.json": json(residency.switches),
    "retention.json": json({
      logs: residency.promptLogging,
      kept: residency.kept,
      escalation: residency.escalation,
    }),
    "output.sha256": lines(...Object.entries(output).map(([path, hash]) => `${hash}  ${path}`)),
    "not-checked.md": notChecked(blueprint),
    "index.md": index(blueprint),
  };
}

function index({ name, environment, residency, lockHash }: Blueprint): string {
  return lines(
    `# Evidence of ${name} / ${environment}`,
    "",
    `Mode ${residency.mode.value}. ${lockHash === null ? "There is no lock: tags and branches decide what runs." : `What runs is taken from the lock ${lockHash}.`}`,
    "All files but `timestamp.txt` follow from the stack file, its lock and the release of Freehold: made again, they are the same to the byte. `SHA256SUMS` lists their hashes; `sha256sum --check SHA256SUMS` holds them against it.",
    "",
    "| File | Holds |",
    "|---|---|",
    ...Object.entries(what).map(([file, holds]) => `| [${file}](${file}) | ${holds} |`),
    "",
    residencySection(residency),
  );
}

function inventory({ models, gateway, agents, nodePools, cluster, lockHash, state, egressProxy }: Blueprint): unknown {
  return {
    lockHash,
    target: cluster.target,
    state: state.backend,
    nodePools: Object.fromEntries(
      Object.entries(nodePools).map(([pool, { accelerator, gpusAtMax, zones }]) => [
        pool,
        { accelerator, gpusAtMax, zones },
      ]),
    ),
    egressProxy:
      egressProxy === null
        ? null
        : {
            image: { reference: egressProxy.image.value.reference, digest: egressProxy.image.value.digest },
            replicas: egressProxy.replicas.value,
          },
    releases: Object.values(models).flatMap(({ versions }) => Object.values(versions).map(releaseInventory)),
    gateway:
      gateway === null
        ? null
        : {
            image: { reference: gateway.image.value.reference, digest: gateway.image.value.digest },
            replicas: gateway.replicas.value,
            secrets: gateway.secrets,
            settings: gateway.settings,
          },
    ...(agents === null
      ? {}
      : {
          agents: {
            image: { reference: agents.image.value.reference, digest: agents.image.value.digest },
            replicas: agents.replicas.value,
            secrets: secretsOf(agents).map(({ purpose, secret, key }) => ({ purpose, secret, key })),
            settings: agents.settings,
          },
        }),
  };
}

function releaseInventory({
  release,
  model,
  version,
  engine,
  image,
  weights,
  replicas,
  gpusPerReplica,
}: ReleaseBlueprint) {
  const { repository, revision, commit, files } = weights;
  return {
    release,
    model,
    version,
    engine,
    image: { reference: image.value.reference, digest: image.value.digest },
    weights: { repository, revision, commit, files },
    replicas: replicas.value,
    gpusPerReplica: gpusPerReplica.value,
  };
}

/** Families of rules that speak of residency, and those of others that do: regions, callers, versions. */
const ofResidency = /^(RES|RTE|GTW|GRD|LCK-1|CAP-1(09|10|11)|CST-11[3456])/;
/** Rules that only the API server can tell: they are about requests, not about objects. */
const ofTheCluster = /^GRD-23[01]$/;

/** Rules of residency and of the output, each with what it found. A guard that found an error would have left no output. */
function checks(findings: readonly Finding[]): unknown {
  return Object.entries(codes)
    .filter(([code]) => ofResidency.test(code) && !ofTheCluster.test(code))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { severity, summary }]) => ({
      code,
      severity,
      summary,
      found: findings.filter((found) => found.code === code).map(({ title }) => title),
    }));
}

function notChecked({ models, residency, cluster }: Blueprint): string {
  const releases = Object.values(models).flatMap(({ versions }) => Object.values(versions));
  const unlocked = releases.filter(({ image, weights }) => image.value.digest === null || weights.commit === null);
  return lines(
    "# What this folder does not prove",
    "",
    "- That the cluster's network plugin enforces the policies. Some do not, and the API server accepts them all the same: `freehold preflight` measures it.",
    "- Where the nodes of the cluster stand, who runs them, and whether their disks are encrypted.",
    "- The rules GRD-2xx on what charts render: `freehold render`, applying as manifests, and the API server hold it against them; here they were held against what the stacks make themselves.",
    "- That a variable keeps software silent: only a network without a way out does, and a test in it.",
    "- What images and weights hold. Their digests say which ones they are, not that they are harmless.",
    residency.signatures.value === null
      ? "- Who made the weights: no signature is verified."
      : "- That signatures were verified. The Job that fetches weights ends without success where one does not hold; its log tells.",
    "- That a rule whose object does not exist yet holds: docs/reference/residency-checks.md lists those that wait.",
    "- That what is applied is what was written here: `output.sha256` holds the hashes to compare with.",
    ...(residency.hub.value === null ? [] : [`- What ${residency.hub.value} does behind its address.`]),
    ...(cluster.target === "local" ? ["- Anything about containers: on the local target they are simulated."] : []),
    ...unlocked.map(({ release }) => `- Which image and weights ${release} runs: they are not locked.`),
  );
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function lines(...all: readonly string[]): string {
  return `${all.join("\n").trimEnd()}\n`;
}
