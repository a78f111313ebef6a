import { Release } from "@cdktf/provider-helm/lib/release/index.js";
import { Construct } from "constructs";
import type { GatewayBlueprint, ReleaseBlueprint } from "../../decisions/blueprint.ts";
import type { EgressFacts, SignatureFact } from "../../decisions/residency/facts.ts";
import { modelServerValues } from "../values/model-server.ts";
import { type ChartSource, chartRelease } from "./chart-release.ts";
import type { FetchScript } from "./fetch-script.ts";
import { Weights } from "./weights.ts";

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
  /** What verifies their signature once they are fetched; null where nothing does. */
  readonly signatures: SignatureFact | null;
  /** Whether the pool can hold this version and the one that replaces it at once. */
  readonly overlaps: boolean;
}

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
      signatures,
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
      signatures,
    });
    this.release = new Release(this, "release", {
      dependsOn: [weights.fetched],
      name: release.release,
      namespace,
      ...chartRelease(
        chart,
        modelServerValues(release, { stack, environment, gateway }),
        release.releaseTimeoutSeconds.value,
      ),
      // Terraform then removes a version only after the Service has moved to the one that replaces it. Without GPUs for
      // both, the new version would wait until its timeout for those the old one holds.
      ...(overlaps ? { lifecycle: { createBeforeDestroy: true } } : {}),
    });
  }
}
