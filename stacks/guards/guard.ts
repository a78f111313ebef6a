import type { ConfigPath, Finding } from "../../config/diagnostics/finding.ts";
import type { EgressFacts } from "../../decisions/residency/facts.ts";
import type { SynthesizedStack } from "../build.ts";
import { unescapeTemplates } from "../terraform-text.ts";
import type { ModelServerValues } from "../values/model-server-schema.ts";

/** What a guard holds the output against. It comes from outside: a guard does not ask what it guards. */
export interface GuardLimits {
  /** Name of the stack file. */
  readonly name: string;
  readonly target: string;
  /** The proxy that is the only way out; null where there is none. */
  readonly egress: EgressFacts | null;
}

/** Synthesized stacks, taken apart once for all guards. */
export interface Output {
  readonly stacks: readonly SynthesizedStack[];
  readonly resources: readonly Resource[];
  readonly releases: readonly ReleaseResource[];
  /** Of workloads that Terraform makes itself; what a chart makes is tested with the chart. */
  readonly containers: readonly Container[];
}

/** One rule about the synthesized output, as plain data in and findings out. */
export type Guard = (output: Output, limits: GuardLimits) => readonly Finding[];

/** A resource of a stack, its text as Terraform will evaluate it. */
export interface Resource {
  readonly stack: string;
  readonly type: string;
  /** `<type> <Kubernetes name>`, for messages. */
  readonly label: string;
  /** Name in the cluster. */
  readonly name: string;
  /** Null for what is not in a namespace. */
  readonly namespace: string | null;
  readonly constructPath: string;
  /** The entry of the stack file it comes from. */
  readonly configPath: ConfigPath;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A Helm release with its values read. */
export interface ReleaseResource extends Resource {
  readonly values: Partial<ModelServerValues>;
}

/** The value as an object; an empty one for everything else, so that broken output is inspected and not tripped over. */
export function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** A block or a list of blocks, as a list. */
export function list(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** The entry of the stack file behind a construct: ids are its keys. */
function configPath([, ...path]: readonly string[]): ConfigPath {
  const [first, model, child, version] = path;
  if (first !== "models" || model === undefined) return ["name"];
  return child === "versions" && version !== undefined ? ["models", model, "versions", version] : ["models", model];
}

function resourcesOf({ name: stack, json }: SynthesizedStack): readonly Resource[] {
  return Object.entries(unescapeTemplates(json.resource)).flatMap(([type, instances]) =>
    Object.values(instances).map((body): Resource => {
      const metadata = { ...fields(body), ...fields(body.metadata) };
      const constructPath = body["//"].metadata.path;
      const named = metadata.name ?? metadata.generate_name;
      const name = typeof named === "string" ? named : constructPath;
      return {
        stack,
        type,
        label: `${type} ${name}`,
        name,
        namespace: typeof metadata.namespace === "string" ? metadata.namespace : null,
        constructPath,
        configPath: configPath(constructPath.split("/")),
        body,
      };
    }),
  );
}

/** Whether a resource is a release of the chart that serves models; what other charts take is not theirs. */
export function servesModel({ type, body }: Resource): boolean {
  return type === "helm_release" && String(body.chart).startsWith("assets/model-server/");
}

/** Charts that make no pods. Every other one takes an image. */
const withoutPods = /^assets\/(admission-policies|way-in)\//;

/** Whether a release makes pods. */
export function runsImage({ type, body }: Resource): boolean {
  return type === "helm_release" && !withoutPods.test(String(body.chart));
}

/** Whether a resource is the release of the proxy that is the only way out. */
export function runsProxy({ type, body }: Resource): boolean {
  return type === "helm_release" && String(body.chart).startsWith("assets/egress-proxy/");
}

function toRelease(resource: Resource): ReleaseResource {
  const [values] = list(resource.body.values);
  return { ...resource, values: fields(typeof values === "string" ? JSON.parse(values) : {}) };
}

/** Every string below a value, keys included, with the way to it. */
export function* texts(value: unknown, at = ""): Generator<{ readonly at: string; readonly text: string }> {
  if (typeof value === "string") yield { at, text: value };
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const below = Array.isArray(value) ? `${at}[${key}]` : at === "" ? key : `${at}.${key}`;
    if (!Array.isArray(value)) yield { at: below, text: key };
    yield* texts(item, below);
  }
}

/** A container of a workload. */
export interface Container {
  readonly resource: Resource;
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

function containersOf(resource: Resource): readonly Container[] {
  const spec = fields(fields(fields(resource.body.spec).template).spec);
  return [...list(spec.container), ...list(spec.init_container)].map((item) => {
    const body = fields(item);
    return { resource, name: String(body.name), body };
  });
}

/** Synthesized stacks as guards look at them. */
export function takeApart(stacks: readonly SynthesizedStack[]): Output {
  const resources = stacks.flatMap(resourcesOf);
  return {
    stacks,
    resources,
    releases: resources.filter(({ type }) => type === "helm_release").map(toRelease),
    containers: resources.flatMap(containersOf),
  };
}
