import type { RunnableConfig } from "@langchain/core/runnables";
import { interrupt } from "@langchain/langgraph";
import type { OfferedTool } from "../models/openai-compatible.ts";
import { runSpanOf } from "../telemetry.ts";
import { findCall, postCall } from "./http-tool.ts";
import { CallRefused, ledgerOf, type ToolPolicy } from "./ledger.ts";
import { McpServer } from "./mcp-server.ts";
import type { ToolSettings } from "./settings.ts";

/** A call as the model asked for it. */
export interface RequestedCall {
  id: string;
  name: string;
  args: unknown;
}

interface Tool {
  policy: ToolPolicy;
  approval: boolean;
  ask(key: string, args: unknown, signal: AbortSignal | undefined): Promise<string>;
  find(key: string, args: unknown, signal: AbortSignal | undefined): Promise<string | null>;
}

/** What a person is asked before a tool with `approval`; the answer is `{ approve: true }` or `{ approve: false, reason }`. */
export interface ToolApproval {
  kind: "approve_tool_call";
  tool: string;
  arguments: unknown;
}

/** The tools of one agent: those of its settings, and no other, whoever asks for it. */
export class Toolbox {
  readonly #tools = new Map<string, Tool>();
  readonly #own: OfferedTool[];
  readonly #servers = new Map<string, McpServer>();

  constructor(settings: ToolSettings) {
    this.#own = Object.entries(settings.tools).map(([name, { description, parameters }]) => ({
      name,
      description,
      parameters,
    }));
    for (const [name, tool] of Object.entries(settings.tools)) {
      this.#tools.set(name, {
        ...tool,
        ask: (key, args, signal) => postCall(tool, key, args, signal),
        find: (key, args, signal) => findCall(tool, key, args, signal),
      });
    }
    for (const [serverName, server] of Object.entries(settings.toolServers)) {
      const client = new McpServer(server);
      this.#servers.set(serverName, client);
      for (const [name, tool] of Object.entries(server.tools)) {
        this.#tools.set(joined(serverName, name), {
          ...tool,
          ask: (key, args, signal) => client.call(name, key, args, signal),
          find: (key, args, signal) => client.find(tool.reconcile ?? name, key, args, signal),
        });
      }
    }
  }

  /** What the model is told of. */
  async offered(): Promise<OfferedTool[]> {
    const ofServers = await Promise.all(
      [...this.#servers].map(async ([name, server]) =>
        (await server.allowed()).map((tool) => ({ ...tool, name: joined(name, tool.name) })),
      ),
    );
    return [...this.#own, ...ofServers.flat()];
  }

  /** The result for the model: the tool's text, a refusal with its reason, or what went wrong. */
  async call(call: RequestedCall, config: RunnableConfig): Promise<string> {
    // A document may ask for any tool; only those of the settings file exist, whatever the model was talked into.
    const tool = this.#tools.get(call.name);
    if (tool === undefined) return `Refused: there is no tool ${JSON.stringify(call.name)}.`;
    if (tool.approval) {
      const request: ToolApproval = { kind: "approve_tool_call", tool: call.name, arguments: call.args };
      const decision = interrupt<ToolApproval, { approve: boolean; reason?: string }>(request);
      if (decision.approve !== true) return `Refused by a person: ${decision.reason ?? "no reason given"}`;
    }
    const key = `tool:${config.configurable?.__pregel_task_id}:${call.id}`;
    try {
      return await ledgerOf(config).call({
        tool: call.name,
        key,
        policy: tool.policy,
        input: call.args,
        execute: () =>
          runSpanOf(config).tool({ name: call.name, callId: call.id, policy: tool.policy }, () =>
            tool.ask(key, call.args, config.signal),
          ),
        ...(tool.policy === "reconcile" ? { reconcile: () => tool.find(key, call.args, config.signal) } : {}),
        whenUnknown: (reason) => `The tool gave no result: ${reason}`,
      });
    } catch (error) {
      if (error instanceof CallRefused) return error.message;
      throw error;
    }
  }
}

function joined(server: string, tool: string): string {
  return `${server}__${tool}`;
}
