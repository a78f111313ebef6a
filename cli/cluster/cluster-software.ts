import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import { clearReleases, type Floors, imageRelease, isBelowFloor } from "../../decisions/version-floor.ts";

/** Something that runs in the cluster and has a floor: operators, drivers' helpers, gateways, stores. */
export interface ClusterSoftware {
  /** Key in the catalog's floors. */
  readonly component: string;
  /** `DaemonSet gpu-operator/nvidia-container-toolkit-daemonset`. */
  readonly workload: string;
  readonly image: string;
  /** What the tag tells; null where it does not. */
  readonly release: string | null;
  /** False where an advisory is published against it; null where the release is not known. */
  readonly isClear: boolean | null;
}

/** A workload as the API server gives it, as far as its images go. */
export interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly template: {
      readonly spec: Readonly<Partial<Record<"containers" | "initContainers", readonly { readonly image?: string }[]>>>;
    };
  };
}

/** Software with a floor among the workloads of a cluster, sorted by component and workload. */
export function softwareIn(workloads: readonly Workload[], floors: Floors): ClusterSoftware[] {
  return workloads
    .flatMap(({ kind, metadata, spec: { template } }) => {
      const { containers = [], initContainers = [] } = template.spec;
      const images = new Set([...containers, ...initContainers].flatMap(({ image }) => image ?? []));
      return [...images].flatMap((image) => {
        const known = imageRelease(image, floors);
        if (known === null) return [];
        const { component, release, floor } = known;
        const isClear = release === null && floor.clear !== "none" ? null : !isBelowFloor(known);
        return [
          { component, workload: `${kind} ${metadata.namespace ?? ""}/${metadata.name}`, image, release, isClear },
        ];
      });
    })
    .sort((a, b) => (`${a.component} ${a.workload}` < `${b.component} ${b.workload}` ? -1 : 1));
}

/** What is published against software of the cluster, from `region-bound` up. */
export function belowFloor(context: string, software: readonly ClusterSoftware[], floors: Floors): Finding[] {
  return software.flatMap(({ component, workload, image, isClear }) => {
    const floor = floors[component];
    if (isClear !== false || floor === undefined) return [];
    const parameters = {
      context,
      workload,
      image,
      name: floor.name,
      clear: clearReleases(floor.clear),
      advisories: floor.advisories,
    };
    return [finding("RUN-161", { subject: context }, parameters)];
  });
}
