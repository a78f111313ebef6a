import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { Blueprint } from "../decisions/blueprint.ts";
import { toDecisionRecord } from "../decisions/decision-record.ts";
import { StateBackend } from "./constructs/backend.ts";
import type { ChartSource } from "./constructs/chart-release.ts";
import { DecisionRecord } from "./constructs/decision-record.ts";
import { FetchScript } from "./constructs/fetch-script.ts";
import { Gateway } from "./constructs/gateway.ts";
import { addProviders } from "./constructs/providers.ts";
import { ServedModel } from "./constructs/served-model.ts";
import { stackLabels } from "./labels.ts";

export interface InferenceCharts {
  readonly modelServer: ChartSource;
  readonly gateway: ChartSource;
  readonly wayIn: ChartSource;
}

/** What answers requests: the gateway, each model's versions and the Service in front of them. */
export class InferenceStack extends TerraformStack {
  constructor(scope: Construct, blueprint: Blueprint, charts: InferenceCharts) {
    super(scope, "inference");
    const { cluster, name, environment, state } = blueprint;
    const labels = stackLabels(blueprint);
    new StateBackend(this, "backend", { state, name, environment, stack: "inference", context: cluster.context });
    addProviders(this, ["kubernetes", "helm"], cluster.context);

    const namespace = blueprint.namespaces.inference;
    const hub = blueprint.residency.hub.value;
    if (hub === null) throw new Error("The Blueprint names no hub that weights could come from.");
    const fetchScript = new FetchScript(this, "fetch-weights", { namespace, labels });
    const models = new Construct(this, "models");
    for (const [modelName, model] of Object.entries(blueprint.models)) {
      new ServedModel(models, modelName, {
        model,
        stack: name,
        environment,
        namespace,
        storageClass: cluster.weightsStorageClass,
        labels,
        chart: charts.modelServer,
        fetchScript,
        hub,
        gateway: blueprint.gateway,
        egress: blueprint.residency.egress.value,
        signatures: blueprint.residency.signatures.value,
      });
    }
    if (blueprint.gateway !== null) {
      new Gateway(this, "gateway", {
        gateway: blueprint.gateway,
        stack: name,
        environment,
        egress: blueprint.residency.egress.value,
        chart: charts.gateway,
        wayInChart: charts.wayIn,
      });
    }

    new DecisionRecord(this, "decision-record", { record: toDecisionRecord(blueprint) });
  }
}
