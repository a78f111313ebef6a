import { Release } from "@cdktf/provider-helm/lib/release/index.js";
import { Construct } from "constructs";
import type { AgentsBlueprint } from "../../decisions/blueprint.ts";
import { orchestratorValues } from "../values/orchestrator.ts";
import type { ServiceContext } from "../values/service.ts";
import type { ChartSource } from "./chart-release.ts";
import { chartRelease } from "./chart-release.ts";
import { WayIn } from "./way-in.ts";

export interface OrchestratorProps extends ServiceContext {
  readonly agents: AgentsBlueprint;
  readonly chart: ChartSource;
  readonly wayInChart: ChartSource;
}

/** Serves threads and works on runs. It waits for no model: a run whose model is away is tried again. */
export class Orchestrator extends Construct {
  constructor(scope: Construct, id: string, { agents, chart, wayInChart, ...context }: OrchestratorProps) {
    super(scope, id);
    const service = new Release(this, "release", {
      name: agents.release,
      namespace: agents.namespace,
      ...chartRelease(chart, orchestratorValues(agents, context), agents.releaseTimeoutSeconds.value),
    });
    const { exposure } = agents;
    if (exposure !== null) new WayIn(this, "way-in", { ...context, exposure, chart: wayInChart, service });
  }
}
