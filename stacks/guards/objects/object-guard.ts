import { at, type Finding, finding, type Place } from "../../../config/diagnostics/finding.ts";
import type { ExposureBlueprint } from "../../../decisions/exposure/blueprint.ts";
import type { ResidencyBlueprint } from "../../../decisions/residency/facts.ts";
import { fields, list } from "../guard.ts";

/** What objects are held against. It comes from outside: a guard does not ask what it guards. */
export interface ObjectLimits {
  readonly target: string;
  readonly residency: ResidencyBlueprint;
  /** Every way in from outside the cluster. */
  readonly waysIn: readonly ExposureBlueprint[];
}

/** A Kubernetes object as it will be applied, whoever rendered it. */
export interface ClusterObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | null;
  /** `<kind> <name>`, for messages. */
  readonly label: string;
  /** The entry of the stack file it comes from. */
  readonly place: Place;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The pod of an object, or the pods that it will make. */
export interface Pod {
  readonly object: ClusterObject;
  readonly labels: Readonly<Record<string, unknown>>;
  /** What software it is, as the table of switches names it; null when its labels do not say. */
  readonly component: string | null;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly containers: readonly PodContainer[];
}

export interface PodContainer {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ClusterObjects {
  readonly objects: readonly ClusterObject[];
  readonly pods: readonly Pod[];
}

/** One rule about objects of a cluster. */
export type ObjectGuard = (objects: ClusterObjects, limits: ObjectLimits) => readonly Finding[];

/** Codes that say an object by its name and what is wrong with it in one half sentence. */
export type ObjectCode = `GRD-2${number}${number}`;

/** Where the pod's template lies, by kind. */
const templates: Readonly<Record<string, (spec: Readonly<Record<string, unknown>>) => unknown>> = {
  CronJob: (spec) => fields(fields(fields(spec.jobTemplate).spec)).template,
  DaemonSet: (spec) => spec.template,
  Deployment: (spec) => spec.template,
  Job: (spec) => spec.template,
  ReplicaSet: (spec) => spec.template,
  StatefulSet: (spec) => spec.template,
};

/** Objects as guards look at them. What is no object is left out: yaml streams hold empty documents. */
export function takeObjectsApart(bodies: readonly unknown[]): ClusterObjects {
  const objects = bodies.flatMap((body) => {
    const { kind } = fields(body);
    return typeof kind === "string" ? [toObject(kind, fields(body))] : [];
  });
  return { objects, pods: objects.flatMap(podOf) };
}

function toObject(kind: string, body: Readonly<Record<string, unknown>>): ClusterObject {
  const metadata = fields(body.metadata);
  const labels = fields(metadata.labels);
  const [model, version] = [labels["freehold/model"], labels["freehold/version"]];
  const name = String(metadata.name ?? metadata.generateName);
  const path =
    typeof model !== "string"
      ? ["name"]
      : typeof version === "string"
        ? ["models", model, "versions", version]
        : ["models", model];
  return {
    kind,
    name,
    namespace: typeof metadata.namespace === "string" ? metadata.namespace : null,
    label: `${kind} ${name}`,
    place: at(path),
    body,
  };
}

function podOf(object: ClusterObject): readonly Pod[] {
  const { kind, body } = object;
  const template = kind === "Pod" ? body : templates[kind]?.(fields(body.spec));
  if (template === undefined) return [];
  const spec = fields(fields(template).spec);
  const labels = fields(fields(fields(template).metadata).labels);
  const named = labels["freehold/role"] ?? labels["app.kubernetes.io/component"];
  const containers = ["initContainers", "containers", "ephemeralContainers"].flatMap((list_) =>
    list(spec[list_]).map((item) => ({ name: String(fields(item).name), body: fields(item) })),
  );
  return [{ object, labels, component: typeof named === "string" ? named : null, spec, containers }];
}

/** Variables of a container that have a value written down. */
export function variablesOf({ body }: PodContainer): ReadonlyMap<string, string> {
  return new Map(
    list(body.env)
      .map(fields)
      .flatMap(({ name, value }) => (typeof value === "string" ? [[String(name), value] as const] : [])),
  );
}

/** Names of all variables of a container, also of those that a Secret fills. */
export function variableNames({ body }: PodContainer): readonly string[] {
  return list(body.env).map((item) => String(fields(item).name));
}

/** Words of a container's command line. */
export function wordsOf({ body }: PodContainer): readonly string[] {
  return [...list(body.command), ...list(body.args)].map(String);
}

/** Whether a container is given a flag: as a word of its own, before `=`, or in a line that a shell takes apart. */
export function hasFlag(container: PodContainer, flag: string): boolean {
  const given = new RegExp(`(^|[^\\w-])${flag}([^\\w-]|$)`);
  return wordsOf(container).some((word) => given.test(word));
}

/** A rule about each container: what is wrong with one, as the end of a sentence about it. */
export function forContainers(
  code: ObjectCode & keyof ObjectCodes,
  problems: (container: PodContainer, pod: Pod, limits: ObjectLimits) => readonly string[],
): ObjectGuard {
  return ({ pods }, limits) =>
    pods.flatMap((pod) =>
      pod.containers.flatMap((container) =>
        problems(container, pod, limits).map((problem) =>
          finding(code, pod.object.place, { object: `Container ${container.name} of ${pod.object.label}`, problem }),
        ),
      ),
    );
}

/** A rule about each pod. */
export function forPods(
  code: ObjectCode & keyof ObjectCodes,
  problems: (pod: Pod, limits: ObjectLimits, objects: ClusterObjects) => readonly string[],
): ObjectGuard {
  return (objects, limits) =>
    objects.pods.flatMap((pod) =>
      problems(pod, limits, objects).map((problem) =>
        finding(code, pod.object.place, { object: `The pod of ${pod.object.label}`, problem }),
      ),
    );
}

/** A rule about each object of some kinds. */
export function forObjects(
  code: ObjectCode & keyof ObjectCodes,
  kinds: readonly string[],
  problems: (object: ClusterObject, limits: ObjectLimits) => readonly string[],
): ObjectGuard {
  return ({ objects }, limits) =>
    objects
      .filter(({ kind }) => kinds.includes(kind))
      .flatMap((object) =>
        problems(object, limits).map((problem) => finding(code, object.place, { object: object.label, problem })),
      );
}

type ObjectCodes = typeof import("../../../config/diagnostics/codes/guard-objects.ts").objectGuardCodes;
