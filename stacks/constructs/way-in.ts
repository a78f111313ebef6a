import { Release } from "@cdktf/provider-helm/lib/release/index.js";
import { Construct } from "constructs";
import type { ExposureBlueprint } from "../../decisions/exposure/blueprint.ts";
import type { ServiceContext } from "../values/service.ts";
import { wayInValues } from "../values/way-in.ts";
import type { ChartSource } from "./chart-release.ts";
import { chartRelease } from "./chart-release.ts";

export interface WayInProps extends Pick<ServiceContext, "stack" | "environment"> {
  readonly exposure: ExposureBlueprint;
  readonly chart: ChartSource;
  /** The release of the service that it leads to. */
  readonly service: Release;
}

/** A load balancer may take minutes to get its address. Seconds. */
const timeoutSeconds = 600;

/** What leads callers outside the cluster to a service. It comes after the service, and is taken away before it. */
export class WayIn extends Construct {
  constructor(scope: Construct, id: string, { exposure, chart, service, ...context }: WayInProps) {
    super(scope, id);
    new Release(this, "release", {
      name: exposure.name,
      namespace: exposure.namespace,
      ...chartRelease(chart, wayInValues(exposure, context), timeoutSeconds),
      dependsOn: [service],
    });
  }
}
