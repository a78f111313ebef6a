import type { AgentsBlueprint, Decided } from "../blueprint.ts";
import { exposureLines } from "../exposure/text.ts";
import { countText, gibText } from "../figures.ts";
import { reasonList } from "../reason.ts";
import { secretsOf } from "./secrets.ts";

/** The agents as a section of a stack's explanation. */
export function agentsSection(
  agents: AgentsBlueprint,
  stack: { readonly name: string; readonly environment: string },
): string {
  const {
    service,
    namespace,
    port,
    image,
    replicas,
    cpu,
    memoryBytes,
    connections,
    drain,
    exposure,
    migration,
    settings,
  } = agents;
  const secrets = secretsOf(agents);
  const assistants = Object.entries(settings.agents).map(([name, { graph }]) => `${name} (${graph})`);
  return [
    "## The agents",
    "",
    `Callers reach ${countText(assistants.length, "assistant")} at http://${service}.${namespace}.svc:${port}, in the wire format of the LangGraph SDKs: ${assistants.join(", ")}. Only pods with the label \`freehold/agents-client: "true"\` may call, in namespaces with the labels \`freehold/stack: ${stack.name}\` and \`freehold/environment: ${stack.environment}\`; each request carries a key or token of a tenant.`,
    "A change of the settings replaces the replicas one after the other; runs under way are handed over, and none is lost.",
    "",
    ...fact("Image", image.value.deployed, image, "Set `agents.image`, then run `freehold lock`."),
    ...fact("Replicas", String(replicas.value), replicas, "Set `agents.replicas`."),
    ...fact("CPU a replica", `${cpu.value.requestMillicores} m, no limit`, cpu, "No key changes it."),
    ...fact("Memory a replica", gibText(memoryBytes.value), memoryBytes, "Set `agents.runsAtOnce`."),
    ...fact(
      "Connections to the database",
      `at most ${connections.value}`,
      connections,
      "Set `agents.database.connections`.",
    ),
    ...fact(
      "Stopping",
      `within ${drain.value.terminationGracePeriodSeconds} s`,
      drain,
      "It follows from `timeout` of the tool servers.",
    ),
    ...fact(
      "Change of the tables",
      `by a Job before replicas are replaced, within ${migration.deadlineSeconds.value} s`,
      migration.deadlineSeconds,
      "Set `agents.database.owner`, and it alone may change them.",
    ),
    ...(exposure === null ? [] : exposureLines("agents", exposure)),
    ...secrets.map(({ secret, key, holds }) => `- The Secret ${secret} in ${namespace} must hold ${key}: ${holds}.`),
  ].join("\n");
}

function fact(title: string, value: string, { because }: Decided<unknown>, change: string): string[] {
  return [`**${title}: ${value}.**`, "", ...reasonList(because), `- ${change}`, ""];
}
