import type { AgentsBlueprint } from "../../decisions/blueprint.ts";
import { wayOutVariables } from "../proxy-variables.ts";
import type { OrchestratorValues } from "./orchestrator-schema.ts";
import { type ServiceContext, serviceBase } from "./service.ts";

/** Values of `charts/orchestrator`. What it leaves out has a default in the chart. */
export function orchestratorValues(agents: AgentsBlueprint, context: ServiceContext): OrchestratorValues {
  const wayOut = wayOutVariables(context.egress, "orchestrator");
  return {
    ...serviceBase(agents, context),
    settings: { ...agents.settings },
    variables: [
      ...agents.environment.map(({ name, value }) => ({ name, value })),
      ...wayOut,
      // Node.js takes the proxy of its environment only where it is told to.
      ...(wayOut.length === 0 ? [] : [{ name: "NODE_USE_ENV_PROXY", value: "1" }]),
    ],
  };
}
