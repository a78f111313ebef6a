import { Release } from "@cdktf/provider-helm/lib/release/index.js";
import { Construct } from "constructs";
import type { GatewayBlueprint, ReleaseBlueprint } from "../../decisions/blueprint.ts";
import type { EgressFacts } from "../../decisions/residency/facts.ts";
import { modelServerValues } from "../values/model-server.ts";
import { sortedJson } from "../values/sorted-json.ts";
import type { FetchScript } from "./fetch-script.ts";
import { Weights } from "./weights.ts";

/** A chart that travels with the stack. */
export interface ChartSource {
  /** Relative to the stack's folder, with the chart's content hash in it: a changed template shows up in a plan. */
  readonly path: string;
  readonly version: string;
}

export interface ModelServerProps {
  readonly release: ReleaseBlueprint;
  /** Name and environment of the stack file. */
  readonly stack: string;
  readonly environment: string;
  readonly namespace: string;
  readonly storageClass: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly chart: ChartSource;
  readonly fetchScript: FetchScript;
  /** Host that serves the weights. */
  readonly hub: string;
  /** Who alone may call it; null where pods with a label may. */
  readonly gateway: GatewayBlueprint | null;
  /** The proxy that the weights come through; null for none. */
  readonly egress: EgressFacts | null;
  /** Whether the pool can hold this version and the one that replaces it at once. */
  readonly overlaps: boolean;
}

/** How many revisions Helm keeps, each in a Secret of its own. */
const keptRevisions = 10;

/** One version of a model: its weights, and one Helm release that serves them. */
export class ModelServer extends Construct {
  readonly release: Release;

  constructor(scope: Construct, id: string, props: ModelServerProps) {
    super(scope, id);
    const {
      release,
      stack,
      environment,
      namespace,
      storageClass,
      labels,
      chart,
      fetchScript,
      hub,
      egress,
      gateway,
      overlaps,
    } = props;
    const weights = new Weights(this, "weights", {
      release,
      namespace,
      storageClass,
      labels,
      fetchScript,
      hub,
      egress,
    });
    this.release = new Release(this, "release", {
      dependsOn: [weights.fetched],
      name: release.release,
      namespace,
      chart: chart.path,
      version: chart.version,
      values: [sortedJson(modelServerValues(release, { stack, environment, gateway }))],
      // A failed first install is uninstalled and a failed upgrade rolled back: nothing is left to trip over.
      atomic: true,
      cleanupOnFail: true,
      wait: true,
      timeout: release.releaseTimeoutSeconds.value,
      maxHistory: keptRevisions,
      // Terraform then removes a version only after the Service has moved to the one that replaces it. Without GPUs for
      // both, the new version would wait until its timeout for those the old one holds.
      ...(overlaps ? { lifecycle: { createBeforeDestroy: true } } : {}),
    });
  }
}
