import type { AgentsBlueprint, GatewayBlueprint } from "../decisions/blueprint.ts";

/** An assistant as the orchestrator's settings have it. */
interface LocalAssistant {
  readonly graph: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Which assistants this machine has, and which one a first question goes to. */
export interface LocalAgents {
  readonly assistants: Readonly<Record<string, LocalAssistant>>;
  readonly first: string;
}

type Tenants = GatewayBlueprint["settings"]["tenants"];

/** Graphs that are in the service itself; folders of others are in an image, and no container runs here. */
const shipped = new Set(["support", "extract", "research"]);

/**
 * The assistants of a stack, asking this machine's gateway as the first tenant that may, and one named `support` where none of
 * them talks. Tool servers are the cluster's, and left out. Null where nobody may ask for a model that generates text.
 */
export function localAgents(
  agents: AgentsBlueprint | null,
  tenants: Tenants,
  fallback: { readonly model: string; readonly tenant: string } | null,
  model: { readonly url: string; keysFileOf(tenant: string): string },
): LocalAgents | null {
  const decided = Object.entries(agents?.settings.agents ?? {}).flatMap(([name, { graph, settings }]) => {
    const { toolServers: _, ...kept } = settings;
    const asked = settings.model;
    const tenant = Object.keys(tenants).find(
      (each) =>
        tenants[each]?.models.includes(asked.model) === true && tenants[each]?.dataClasses.includes(asked.dataClass),
    );
    if (tenant === undefined || !shipped.has(graph)) return [];
    const local = { ...asked, url: model.url, keysFile: model.keysFileOf(tenant) };
    return [[name, { graph, settings: { ...kept, model: local } }] as const];
  });
  const talking = decided.find(([, { graph }]) => graph === "support");
  if (talking !== undefined) return { assistants: Object.fromEntries(decided), first: talking[0] };
  if (fallback === null) return null;
  const settings = {
    model: {
      url: model.url,
      model: fallback.model,
      dataClass: tenants[fallback.tenant]?.dataClasses[0] ?? "",
      keysFile: model.keysFileOf(fallback.tenant),
    },
  };
  return { assistants: { support: { graph: "support", settings }, ...Object.fromEntries(decided) }, first: "support" };
}
