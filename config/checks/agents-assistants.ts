import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { classesHere } from "../other-side.ts";
import { graphKeys, shippedGraphs } from "../schema/agents.ts";
import type { AgentsConfig, Config } from "../schema/index.ts";
import { check } from "./check.ts";

type Assistant = AgentsConfig["assistants"][string];

const own = "a graph of your own";

function each(
  agents: AgentsConfig | undefined,
  rule: (name: string, assistant: Assistant) => readonly Finding[],
): Finding[] {
  return Object.entries(agents?.assistants ?? {}).flatMap(([name, assistant]) => rule(name, assistant));
}

function place(assistant: string, ...rest: readonly (string | number)[]) {
  return at(["agents", "assistants", assistant, ...rest]);
}

/** The models that assistants ask are there, and answer in words. */
export const assistantModels = check({
  reads: ["agents"],
  needsAllOf: ["models"],
  run: (sections: Partial<Config>) => {
    const { agents, models = {} } = sections;
    const known = Object.keys(models);
    return each(agents, (assistant, { model }) => {
      if (!known.includes(model)) {
        const parameters = { assistant, model, known, nearest: nearest(model, known) };
        return [finding("AGT-104", place(assistant, "model"), parameters)];
      }
      if (models[model]?.task !== "embed") return [];
      const also = [{ path: ["models", model, "task"], text: "its task is set here" }];
      return [finding("AGT-105", place(assistant, "model"), { assistant, model }, also)];
    });
  },
});

/** The data classes that assistants send are defined. */
export const assistantDataClasses = check({
  reads: ["agents"],
  needsAllOf: ["residency"],
  run: (sections: Partial<Config>) => {
    const { agents, residency } = sections;
    const known = Object.keys(residency?.dataClasses ?? {});
    return each(agents, (assistant, { dataClass }) => {
      if (dataClass === undefined || known.includes(dataClass)) return [];
      const parameters = { assistant, dataClass, known, nearest: nearest(dataClass, known) };
      return [finding("AGT-106", place(assistant, "dataClass"), parameters, classesHere(residency))];
    });
  },
});

/** The graphs that assistants run are there, and read all that is said to them. */
export const assistantGraphs = check({
  reads: ["agents"],
  run: ({ agents }) => {
    const known = [...shippedGraphs, ...Object.keys(agents?.graphs ?? {})];
    return each(agents, (name, assistant) => {
      const { graph } = assistant;
      if (!known.includes(graph)) {
        const parameters = { assistant: name, graph, known, nearest: nearest(graph, known) };
        return [finding("AGT-107", place(name, "graph"), parameters)];
      }
      return [...unread(name, assistant), ...missing(name, assistant)];
    });
  },
});

function unread(name: string, assistant: Assistant): Finding[] {
  const { graph } = assistant;
  const isShipped = (shippedGraphs as readonly string[]).includes(graph);
  return Object.entries(graphKeys).flatMap(([key, graphs]) => {
    if (!Object.hasOwn(assistant, key)) return [];
    if ((graphs as readonly string[]).includes(isShipped ? graph : "own")) return [];
    const parameters = { assistant: name, graph, key, graphs: graphs.map((each) => (each === "own" ? own : each)) };
    return [finding("AGT-108", at(["agents", "assistants", name, key], "key"), parameters)];
  });
}

function missing(name: string, { graph, schema }: Assistant): Finding[] {
  if (graph !== "extract" || schema !== undefined) return [];
  return [finding("AGT-109", at(["agents", "assistants", name], "key"), { assistant: name })];
}

/** The tool servers that assistants call are there, and no others are. */
export const assistantToolServers = check({
  reads: ["agents"],
  run: ({ agents }) => {
    const known = Object.keys(agents?.toolServers ?? {});
    const called = new Set(Object.values(agents?.assistants ?? {}).flatMap(({ toolServers = [] }) => toolServers));
    const unknown = each(agents, (assistant, { toolServers = [] }) =>
      toolServers.flatMap((server, index) => {
        if (known.includes(server)) return [];
        const parameters = { assistant, server, known, nearest: nearest(server, known) };
        return [finding("AGT-110", place(assistant, "toolServers", index), parameters)];
      }),
    );
    // With a misspelt name the server that was meant is not called; that is a finding already.
    if (unknown.length > 0) return unknown;
    return known
      .filter((server) => !called.has(server))
      .map((server) => finding("AGT-120", at(["agents", "toolServers", server], "key"), { server }));
  },
});

/** Tenants with limits of their own may call the models that assistants ask for them, with what these send. */
export const assistantTenants = check({
  reads: ["agents"],
  needsAllOf: ["gateway", "models", "residency"],
  run: (sections: Partial<Config>) => {
    const { agents, gateway } = sections;
    return Object.keys(agents?.tenants ?? {}).flatMap((tenant) => {
      const allowed = gateway !== undefined && Object.hasOwn(gateway.tenants, tenant) ? gateway.tenants[tenant] : null;
      if (allowed === null || allowed === undefined) return [];
      return each(agents, (assistant, { model, dataClass }) => {
        const mayAsk = allowed.models?.includes(model) ?? true;
        const maySend = dataClass === undefined || (allowed.dataClasses?.includes(dataClass) ?? true);
        return [
          ...(mayAsk ? [] : [refused(tenant, assistant, "model", model)]),
          ...(maySend || dataClass === undefined ? [] : [refused(tenant, assistant, "dataClass", dataClass)]),
        ];
      });
    });
  },
});

function refused(tenant: string, assistant: string, key: "model" | "dataClass", value: string): Finding {
  const list = key === "model" ? "models" : "dataClasses";
  const also = [{ path: ["gateway", "tenants", tenant, list], text: `what "${tenant}" may is set here` }];
  return finding("AGT-121", place(assistant, key), { tenant, assistant, list, value }, also);
}
