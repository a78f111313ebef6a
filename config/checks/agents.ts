import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { outsideHostProblem } from "../host.ts";
import { shippedGraphs } from "../schema/agents.ts";
import type { Config } from "../schema/index.ts";
import { check } from "./check.ts";

/** Agents ask models through the gateway. */
export const agentsGateway = check({
  reads: ["agents"],
  needsAllOf: ["gateway"],
  run: (sections: Partial<Config>) =>
    sections.agents === undefined || sections.gateway !== undefined
      ? []
      : [finding("AGT-101", at(["agents"], "key"), {})],
});

/** Somebody can call, and there is somebody to be called. */
export const agentsCallers = check({
  reads: ["agents"],
  run: ({ agents }) => {
    if (agents === undefined) return [];
    const findings: Finding[] = [];
    if (agents.keys === undefined && agents.jwt === undefined) {
      findings.push(finding("AGT-102", at(["agents"], "key"), {}));
    }
    if (Object.keys(agents.assistants).length === 0) {
      const parameters = { section: "agents.assistants", entry: "assistant", sample: "helpdesk" };
      findings.push(finding("CFG-206", at(["agents", "assistants"]), parameters));
    }
    return findings;
  },
});

/** A browser says an origin letter by letter: its scheme, one host and a port that is not 443. */
export const agentsPages = check({
  reads: ["agents"],
  run: ({ agents }) =>
    (agents?.browserOrigins ?? []).flatMap((origin, index) => {
      const problem = originProblem(origin);
      return problem === null ? [] : [finding("AGT-123", at(["agents", "browserOrigins", index]), { origin, problem })];
    }),
});

function originProblem(origin: string): string | null {
  if (!origin.startsWith("https://")) return "does not begin with `https://`";
  const text = origin.slice("https://".length);
  return outsideHostProblem(text) ?? (/:443$/.test(text) ? "names the port 443, which browsers leave out" : null);
}

/** Keys stand for callers only where nothing is bound. */
export const agentsKeys = check({
  reads: ["agents", "residency"],
  run: ({ agents, residency }) => {
    const mode = residency?.mode ?? "none";
    if (agents?.keys === undefined || mode === "none") return [];
    const also = [{ path: ["residency", "mode"], text: `the mode is set here: ${mode}` }];
    return [finding("AGT-103", at(["agents", "keys"], "key"), { mode }, also)];
  },
});

/** Limits are of tenants that the gateway lets in. */
export const agentsTenants = check({
  reads: ["agents"],
  needsAllOf: ["gateway"],
  run: (sections: Partial<Config>) => {
    const { agents, gateway } = sections;
    if (gateway === undefined) return [];
    const known = Object.keys(gateway.tenants);
    return Object.keys(agents?.tenants ?? {})
      .filter((tenant) => !known.includes(tenant))
      .map((tenant) =>
        finding("AGT-111", at(["agents", "tenants", tenant], "key"), {
          tenant,
          known,
          nearest: nearest(tenant, known),
        }),
      );
  },
});

/** Where containers run, there is an image to run. */
export const agentsImage = check({
  reads: ["agents", "cluster"],
  run: ({ agents, cluster }) =>
    agents === undefined || agents.image !== undefined || cluster.target === "local"
      ? []
      : [
          finding("AGT-112", at(["agents"], "key"), { target: cluster.target }, [
            { path: ["cluster", "target"], text: "the target is set here" },
          ]),
        ],
});

/** A graph of one's own stands for no other. */
export const agentsGraphs = check({
  reads: ["agents"],
  run: ({ agents }) =>
    Object.keys(agents?.graphs ?? {})
      .filter((graph) => (shippedGraphs as readonly string[]).includes(graph))
      .map((graph) => finding("AGT-119", at(["agents", "graphs", graph], "key"), { graph })),
});

/** A lost call is looked up where the file says so, and how. */
export const agentsTools = check({
  reads: ["agents"],
  run: ({ agents }) =>
    Object.entries(agents?.toolServers ?? {}).flatMap(([server, { tools }]) =>
      Object.entries(tools).flatMap(([tool, { policy, reconcile }]) => {
        if ((policy === "reconcile") === (reconcile !== undefined)) return [];
        const place = at(["agents", "toolServers", server, "tools", tool], "key");
        return [finding("AGT-113", place, { server, tool, isMissing: reconcile === undefined })];
      }),
    ),
});
