import type { TerraformJson, TerraformResource } from "./build.ts";
import { type Kind, kinds, terraformOnly } from "./manifests/kinds.ts";
import { block } from "./manifests/shape.ts";
import { unescapeTemplates } from "./terraform-text.ts";

/** A Kubernetes object, ready to be applied. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** A Helm release as the stack asks for it. */
export interface HelmRelease {
  readonly name: string;
  readonly namespace: string;
  /** Relative to the stack's folder. */
  readonly chartPath: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds: number;
  readonly atomic: boolean;
}

export interface Manifests {
  /**
   * In the order a cluster needs them. Releases come after the Jobs, which have to be complete, and before the
   * Services, which send callers to them.
   */
  readonly objects: readonly KubernetesObject[];
  /** By name. */
  readonly releases: readonly HelmRelease[];
}

function byName<T extends { readonly name: string }>(a: T, b: T): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function toObject(type: string, { apiVersion, kind, fields }: Kind, resource: TerraformResource): KubernetesObject {
  const own = Object.fromEntries(Object.entries(resource).filter(([key]) => !terraformOnly.has(key)));
  const converted = block(fields)(own, type) as Pick<KubernetesObject, "metadata">;
  return { apiVersion, kind, ...converted };
}

function toRelease(resource: TerraformResource): HelmRelease {
  const { name, namespace, chart, values, timeout, atomic } = resource as TerraformResource & {
    readonly name: string;
    readonly namespace: string;
    readonly chart: string;
    readonly values: readonly [string];
    readonly timeout: number;
    readonly atomic: boolean;
  };
  return {
    name,
    namespace,
    chartPath: chart,
    values: JSON.parse(values[0]) as Record<string, unknown>,
    timeoutSeconds: timeout,
    atomic,
  };
}

/**
 * The content of a stack without Terraform: Kubernetes objects and Helm releases, for GitOps, for scanners, and for
 * where the providers cannot be had. It is read from the synthesized configuration, so the two cannot drift apart.
 */
export function toManifests(stack: TerraformJson): Manifests {
  const resources = unescapeTemplates(stack.resource);
  const known = new Set([...Object.keys(kinds), "helm_release", "terraform_data"]);
  for (const type of Object.keys(resources)) {
    if (!known.has(type)) throw new Error(`${type} has no counterpart in stacks/manifests/kinds.ts.`);
  }
  return {
    objects: Object.entries(kinds).flatMap(([type, kind]) =>
      Object.values(resources[type] ?? {})
        .map((resource) => toObject(type, kind, resource))
        .sort((a, b) => byName(a.metadata, b.metadata)),
    ),
    releases: Object.values(resources.helm_release ?? {})
      .map(toRelease)
      .sort(byName),
  };
}
