import { Release } from "@cdktf/provider-helm/lib/release/index.js";
import { Construct } from "constructs";
import type { AgentsBlueprint } from "../../decisions/blueprint.ts";
import { orchestratorValues } from "../values/orchestrator.ts";
import type { ServiceContext } from "../values/service.ts";
import type { ChartSource } from "./chart-release.ts";
import { chartRelease } from "./chart-release.ts";
import { Migration } from "./migration.ts";
import { WayIn } from "./way-in.ts";

export interface OrchestratorProps extends ServiceContext {
  readonly agents: AgentsBlueprint;
  readonly chart: ChartSource;
  readonly wayInChart: ChartSource;
  /** Labels of the stack's objects. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Serves threads and works on runs. It waits for no model: a run whose model is away is tried again. */
export class Orchestrator extends Construct {
  constructor(scope: Construct, id: string, { agents, chart, wayInChart, labels, ...context }: OrchestratorProps) {
    super(scope, id);
    const tables = new Migration(this, "tables", { agents, labels });
    const service = new Release(this, "release", {
      dependsOn: [tables.done],
      name: agents.release,
      namespace: agents.namespace,
      ...chartRelease(chart, orchestratorValues(agents, context), agents.releaseTimeoutSeconds.value),
    });
    const { exposure } = agents;
    if (exposure !== null) new WayIn(this, "way-in", { ...context, exposure, chart: wayInChart, service });
  }
}
