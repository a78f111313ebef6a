import type { Release } from "@cdktf/provider-helm/lib/release/index.js";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1/index.js";
import { Construct } from "constructs";
import type { ModelBlueprint } from "../../decisions/blueprint.ts";
import { modelServerSelector } from "../values/model-server.ts";
import { ModelServer, type ModelServerProps } from "./model-server.ts";

export interface ServedModelProps extends Omit<ModelServerProps, "release" | "overlaps"> {
  readonly model: ModelBlueprint;
}

/** One model under the name callers use: a release for each version, and a Service that stays when versions change. */
export class ServedModel extends Construct {
  constructor(scope: Construct, id: string, { model, ...shared }: ServedModelProps) {
    super(scope, id);
    const versions = new Construct(this, "versions");
    let serving: Release | undefined;
    for (const [name, release] of Object.entries(model.versions)) {
      const server = new ModelServer(versions, name, { ...shared, release, overlaps: model.overlap.value.fits });
      if (name === model.servingVersion) serving = server.release;
    }
    const servingRelease = model.versions[model.servingVersion];
    if (serving === undefined || servingRelease === undefined) {
      throw new Error(`The Blueprint of ${model.service} has no version ${model.servingVersion}.`);
    }

    new ServiceV1(this, "service", {
      // Callers move over once the version that takes them is ready.
      dependsOn: [serving],
      metadata: {
        name: model.service,
        namespace: shared.namespace,
        labels: { ...shared.labels, "freehold/model": id },
      },
      spec: {
        type: "ClusterIP",
        selector: { ...modelServerSelector(servingRelease) },
        port: [{ name: "http", port: model.port, targetPort: "http", protocol: "TCP" }],
      },
    });
  }
}
