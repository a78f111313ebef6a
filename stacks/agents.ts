import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { AgentsBlueprint, Blueprint } from "../decisions/blueprint.ts";
import { toAgentsRecord } from "../decisions/decision-record.ts";
import { StateBackend } from "./constructs/backend.ts";
import type { ChartSource } from "./constructs/chart-release.ts";
import { DecisionRecord } from "./constructs/decision-record.ts";
import { Orchestrator } from "./constructs/orchestrator.ts";
import { addProviders } from "./constructs/providers.ts";
import { stackLabels } from "./labels.ts";

export interface AgentsCharts {
  readonly orchestrator: ChartSource;
  readonly wayIn: ChartSource;
}

/** What works on runs of agents. Its plan is its own: an assistant is changed without a look at engines. */
export class AgentsStack extends TerraformStack {
  constructor(scope: Construct, blueprint: Blueprint, agents: AgentsBlueprint, charts: AgentsCharts) {
    super(scope, "agents");
    const { cluster, name, environment, state, residency } = blueprint;
    new StateBackend(this, "backend", { state, name, environment, stack: "agents", context: cluster.context });
    addProviders(this, ["kubernetes", "helm"], cluster.context);
    new Orchestrator(this, "orchestrator", {
      agents,
      stack: name,
      environment,
      egress: residency.egress.value,
      chart: charts.orchestrator,
      wayInChart: charts.wayIn,
      labels: stackLabels(blueprint),
    });
    new DecisionRecord(this, "decision-record", { record: toAgentsRecord(blueprint, agents) });
  }
}
