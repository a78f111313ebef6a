import type { Blueprint, ReleaseBlueprint } from "../decisions/blueprint.ts";
import type { SynthesizedStack } from "./build.ts";
import type { ChartSource } from "./constructs/chart-release.ts";

/** One thing that a site without a network must carry in. */
export interface BundleItem {
  readonly kind: "image" | "chart" | "provider" | "program" | "weights" | "tokenizer" | "template" | "configuration";
  /** How it is asked for. */
  readonly name: string;
  /** `sha256:…`, a commit, or the content's hash in a chart's path; null where nothing says it. */
  readonly digest: string | null;
  /** Null where nothing says it: of a provider, and of an image that is not locked or was by an older release. */
  readonly bytes: number | null;
}

/** Files with which text becomes tokens. */
const tokenizer =
  /(^|\/)(tokenizer|vocab|merges|special_tokens|added_tokens|spiece|sentencepiece|tekken)[^/]*$|\.(tiktoken|model)$/i;
/** Files that turn a conversation into text. */
const template = /(\.jinja2?|(^|\/)chat_template\.json)$/i;
const weightFile = /\.safetensors$/i;

/** Everything that a stack needs at a site without a network, each thing once, sorted by kind and name. */
export function bundleItems(
  blueprint: Blueprint,
  stacks: readonly SynthesizedStack[],
  charts: readonly ChartSource[],
): readonly BundleItem[] {
  const releases = Object.values(blueprint.models).flatMap(({ versions }) => Object.values(versions));
  const { gateway, agents, egressProxy } = blueprint;
  const running = [...releases, ...[gateway, agents, egressProxy].flatMap((each) => each ?? [])];
  const items = [
    ...stacks.flatMap((stack) => stackItems(stack, charts)),
    ...running.map(imageItem),
    ...verifierItems(blueprint),
    ...releases.flatMap(fileItems),
  ];
  const unique = new Map(items.map((item) => [`${item.kind} ${item.name}`, item]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

function stackItems({ json }: SynthesizedStack, sources: readonly ChartSource[]): readonly BundleItem[] {
  const charts = Object.values(json.resource.helm_release ?? {}).map(({ chart, version }): BundleItem => {
    const [, name = "", hash = null] = String(chart).split("/");
    const bytes = sources.find(({ path }) => path === chart)?.bytes ?? null;
    return { kind: "chart", name: `${name} ${String(version)}`, digest: hash, bytes };
  });
  const providers = Object.values(json.terraform.required_providers).map(
    ({ source, version = "" }): BundleItem => ({
      kind: "provider",
      name: `${source} ${version}`,
      digest: null,
      bytes: null,
    }),
  );
  const program = `terraform or tofu ${json.terraform.required_version}`;
  return [...charts, ...providers, { kind: "program", name: program, digest: null, bytes: null }];
}

function imageItem({ image: { value } }: Pick<ReleaseBlueprint, "image">): BundleItem {
  return { kind: "image", name: value.reference, digest: value.digest, bytes: value.bytes };
}

function verifierItems({ residency }: Blueprint): readonly BundleItem[] {
  const verifier = residency.signatures.value;
  if (verifier === null) return [];
  const [name = "", digest = null] = verifier.image.split("@");
  return [{ kind: "image", name, digest, bytes: null }];
}

/** Files of a model; while it is unlocked, the repository as a whole. */
function fileItems({ weights }: ReleaseBlueprint): readonly BundleItem[] {
  const { repository, deployedRevision, commit, files, bytes } = weights;
  const model = `${repository}@${deployedRevision}`;
  if (files.length === 0) return [{ kind: "weights", name: model, digest: commit, bytes: bytes.value }];
  return files.map(({ name, bytes: size, sha256 }): BundleItem => {
    const kind = weightFile.test(name)
      ? "weights"
      : template.test(name)
        ? "template"
        : tokenizer.test(name)
          ? "tokenizer"
          : "configuration";
    // Small files have no hash of their own at the hub; the commit says which ones they are.
    return { kind, name: `${model}/${name}`, digest: sha256 === null ? commit : `sha256:${sha256}`, bytes: size };
  });
}
