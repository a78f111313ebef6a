import type { CompiledStateGraph } from "@langchain/langgraph";
import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import type { ZodType } from "zod";
import type { Settings } from "../settings.ts";

/** A graph of any state; what it does is its own business. */
// biome-ignore lint/suspicious/noExplicitAny: the graph's state types differ from agent to agent.
export type AnyGraph = CompiledStateGraph<any, any, any, any, any, any, any, any, any>;

/** One kind of agent: its settings and how its graph is built from them. */
export interface AgentKind<AgentSettings = unknown> {
  settings: ZodType<AgentSettings>;
  build(settings: AgentSettings, checkpointer: BaseCheckpointSaver): AnyGraph;
}

/** Any kind, whatever its settings; `agentKind` makes one with its types checked. */
export interface ErasedKind {
  prepare(settings: unknown): (checkpointer: BaseCheckpointSaver) => AnyGraph;
}

/** Ties a graph to its settings. */
export function agentKind<AgentSettings>(kind: AgentKind<AgentSettings>): ErasedKind {
  return {
    prepare(settings) {
      const checked = kind.settings.parse(settings);
      return (checkpointer) => kind.build(checked, checkpointer);
    },
  };
}

/** The run's input is not what the agent works on; a new attempt would change nothing. */
export class InputDoesNotFit extends Error {
  override name = "InputDoesNotFit";
}

/** The agents that the settings name, checked at start: a wrong setting stops the replica, not the first run. */
export class AgentRegistry {
  readonly #agents = new Map<string, { graphId: string; build: (checkpointer: BaseCheckpointSaver) => AnyGraph }>();

  constructor(agents: Settings["agents"], kinds: Readonly<Record<string, ErasedKind>>) {
    for (const [name, agent] of Object.entries(agents)) {
      const kind = Object.hasOwn(kinds, agent.graph) ? kinds[agent.graph] : undefined;
      if (kind === undefined) {
        throw new Error(
          `agents.${name}.graph: there is no graph "${agent.graph}". Known: ${Object.keys(kinds).join(", ")}.`,
        );
      }
      this.#agents.set(name, { graphId: agent.graph, build: kind.prepare(agent.settings) });
    }
  }

  names(): string[] {
    return [...this.#agents.keys()];
  }

  graphOf(name: string): string | undefined {
    return this.#agents.get(name)?.graphId;
  }

  /** The agent's graph on this saver. */
  compile(name: string, checkpointer: BaseCheckpointSaver | object): AnyGraph {
    const agent = this.#agents.get(name);
    if (agent === undefined) throw new Error(`There is no agent "${name}" on this replica.`);
    return agent.build(checkpointer as BaseCheckpointSaver);
  }
}
