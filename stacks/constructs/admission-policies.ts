import { Release } from "@cdktf/provider-helm/lib/release/index.js";
import { Construct } from "constructs";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { admissionPoliciesValues } from "../values/admission-policies.ts";
import type { Boundary } from "./boundary.ts";
import type { ChartSource } from "./chart-release.ts";
import { chartRelease } from "./chart-release.ts";

export interface AdmissionPoliciesProps {
  readonly blueprint: Blueprint;
  readonly boundary: Boundary;
  readonly chart: ChartSource;
}

/** Policies are there at once; the time is for an API server under load. Seconds. */
const timeoutSeconds = 300;
/** What the API server itself refuses in the namespaces of a stack, whoever asks for it. */
export class AdmissionPolicies extends Construct {
  readonly release: Release;

  constructor(scope: Construct, id: string, { blueprint, boundary, chart }: AdmissionPoliciesProps) {
    super(scope, id);
    this.release = new Release(this, "release", {
      dependsOn: [boundary.namespace],
      // Releases of models have a hyphen in their name, so none is called like this.
      name: "policies",
      namespace: blueprint.namespaces.inference,
      ...chartRelease(chart, admissionPoliciesValues(blueprint), timeoutSeconds),
    });
  }
}
