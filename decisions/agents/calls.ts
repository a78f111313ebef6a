import { isInside, portOf } from "../../config/inside-place.ts";
import type { AgentsConfig } from "../../config/schema/index.ts";
import { call } from "../gateway/calls.ts";
import { because } from "../reason.ts";
import type { Edge, Party } from "../residency/facts.ts";

/** Connections that the orchestrator opens to others than the gateway and hosts outside. */
export function agentsCalls(
  { database, toolServers = {}, webhooks, telemetry }: AgentsConfig,
  orchestrator: Party,
): Edge[] {
  return [
    call(orchestrator, "database of the agents", database, database.port, [
      because("agents.database", "Threads, runs and their events are kept there."),
    ]),
    ...Object.entries(toolServers)
      .filter(([, server]) => isInside(server))
      .map(([name, server]) =>
        call(orchestrator, `tool server ${name}`, server, portOf(server.url), [
          because(`agents.toolServers.${name}`, "Assistants call its tools."),
        ]),
      ),
    ...Object.entries(webhooks?.receivers ?? {})
      .filter(([, receiver]) => isInside(receiver))
      .map(([name, receiver]) =>
        call(orchestrator, `receiver ${name}`, receiver, portOf(receiver.origin), [
          because(`agents.webhooks.receivers.${name}`, "It is told that runs have ended."),
        ]),
      ),
    ...(telemetry === undefined
      ? []
      : [
          call(orchestrator, "collector", telemetry, portOf(telemetry.endpoint), [
            because("agents.telemetry", "Spans go there, without what was asked or answered."),
          ]),
        ]),
  ];
}

/** The one connection of what changes the tables. */
export function migrationCalls({ database }: AgentsConfig, migrator: Party): Edge[] {
  const reason = because("agents.database", "Its tables are changed before replicas of a new release start.");
  return [call(migrator, "database of the agents", database, database.port, [reason])];
}
