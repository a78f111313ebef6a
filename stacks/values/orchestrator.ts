import type { AgentsBlueprint } from "../../decisions/blueprint.ts";
import type { EgressFacts } from "../../decisions/residency/facts.ts";
import { proxyVariables } from "../proxy-variables.ts";
import { cores, quantity } from "../quantity.ts";
import type { OrchestratorValues } from "./orchestrator-schema.ts";

export interface OrchestratorContext {
  /** Name and environment of the stack file. */
  readonly stack: string;
  readonly environment: string;
  /** The way out; null where the stack has none. */
  readonly egress: EgressFacts | null;
}

/** Name of its pods among the workloads of the proxy. */
const workload = "orchestrator";

/** Values of `charts/orchestrator`. What it leaves out has a default in the chart. */
export function orchestratorValues(
  agents: AgentsBlueprint,
  { stack, environment, egress }: OrchestratorContext,
): OrchestratorValues {
  const { preStopSeconds, terminationGracePeriodSeconds } = agents.drain.value;
  return {
    stack,
    environment,
    image: agents.image.value.deployed,
    allowUnlocked: agents.image.value.digest === null,
    replicas: agents.replicas.value,
    ports: { api: agents.port, admin: agents.adminPort },
    resources: {
      cpu: cores(agents.cpu.value.requestMillicores),
      memory: quantity(agents.memoryBytes.value),
    },
    drain: { preStopSeconds, terminationGracePeriodSeconds },
    settings: { ...agents.settings },
    secrets: Object.fromEntries(agents.secrets.map(({ purpose, secret }) => [purpose, secret])),
    variables: [...agents.environment.map(({ name, value }) => ({ name, value })), ...wayOut(egress)],
  };
}

/** Node.js takes the proxy of its environment only where it is told to. */
function wayOut(egress: EgressFacts | null): { name: string; value: string }[] {
  if (egress === null || !egress.workloads.some(({ name }) => name === workload)) return [];
  return [...proxyVariables(egress, workload), { name: "NODE_USE_ENV_PROXY", value: "1" }];
}
