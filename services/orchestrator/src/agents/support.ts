import { randomUUID } from "node:crypto";
import { type AIMessage, AIMessageChunk, SystemMessage, ToolMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { END, interrupt, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import * as z from "zod";
import { modelSettings, type OfferedTool, OpenAiCompatibleModel } from "../models/openai-compatible.ts";
import { CallRefused, type ToolLedger, type ToolPolicy } from "../tools/ledger.ts";
import { agentKind } from "./registry.ts";

const toolSettings = z.strictObject({
  description: z.string().min(1),
  parameters: z.record(z.string(), z.unknown()).meta({ description: "JSON schema of the arguments." }),
  url: z.url().meta({ description: "Where the arguments are posted as JSON; the answer's text is the result." }),
  policy: z
    .enum(["readOnly", "idempotent", "once", "reconcile"])
    .meta({ description: "Whether a call may happen again." }),
  approval: z.boolean().default(false).meta({ description: "A person must allow each call." }),
  timeoutSeconds: z.number().positive().default(30),
  maxResultBytes: z
    .int()
    .min(1)
    .default(64 * 1024)
    .meta({ description: "What is beyond it is cut, and the model is told." }),
});
const supportSettings = z.strictObject({
  model: modelSettings,
  instructions: z
    .string()
    .min(1)
    .default("You answer questions of customers. Hand over to a person when you are not sure."),
  tools: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), toolSettings).default({}),
  maxModelCalls: z
    .int()
    .min(1)
    .default(12)
    .meta({ description: "Model calls for one question; then a person is asked." }),
});
type SupportSettings = z.output<typeof supportSettings>;
type State = typeof MessagesAnnotation.State;

/** What a person is asked; the answer is `{ approve: true }` or `{ approve: false, reason }`, or `{ answer }` to an escalation. */
export interface ApprovalRequest {
  kind: "approve_tool_call" | "answer_customer";
  tool?: string;
  arguments?: unknown;
  reason?: string;
}

const escalation: OfferedTool = {
  name: "hand_over_to_person",
  description: "Gives the question to a person, whose answer you then pass on.",
  parameters: { type: "object", properties: { reason: { type: "string" } }, required: ["reason"] },
};

/** Answers customers with the tools of the settings file, and asks a person where it has to. */
export const support = agentKind({
  settings: supportSettings,
  build(settings: SupportSettings, checkpointer) {
    const model = new OpenAiCompatibleModel(settings.model);
    const offered: OfferedTool[] = [
      escalation,
      ...Object.entries(settings.tools).map(([name, { description, parameters }]) => ({
        name,
        description,
        parameters,
      })),
    ];
    return new StateGraph(MessagesAnnotation)
      .addNode("answer", (state, config) => answer(model, settings, offered, state, config))
      .addNode("tools", (state, config) => callTools(settings, state, config))
      .addEdge(START, "answer")
      .addConditionalEdges("answer", (state) => (openCalls(state).length > 0 ? "tools" : END), ["tools", END])
      .addEdge("tools", "answer")
      .compile({ checkpointer });
  },
});

async function answer(
  model: OpenAiCompatibleModel,
  settings: SupportSettings,
  offered: readonly OfferedTool[],
  state: State,
  config: RunnableConfig,
) {
  const question = state.messages.findLastIndex((message) => message.type === "human");
  const calls = state.messages.slice(question).filter((message) => message.type === "ai").length;
  const messages = [new SystemMessage(settings.instructions), ...state.messages];
  if (calls >= settings.maxModelCalls) return handOver("The question took more model calls than it may.");
  const callKey = `model:${config.configurable?.__pregel_task_id}`;
  // Stored as data, so that a new attempt goes on with the answer that was paid for.
  const stored = await ledgerOf(config).call({
    tool: `model ${settings.model.model}`,
    key: callKey,
    policy: "idempotent",
    input: messages.map((message) => [message.type, message.content]),
    async execute() {
      const reply = await model.invoke(messages, {
        ...config,
        offered,
        callKey,
        tenant: config.configurable?.tenant_id,
      });
      return { id: reply.id ?? randomUUID(), content: reply.text, calls: (reply as AIMessage).tool_calls ?? [] };
    },
  });
  return { messages: [new AIMessageChunk({ id: stored.id, content: stored.content, tool_calls: stored.calls })] };
}

function handOver(reason: string) {
  const id = randomUUID();
  return {
    messages: [new AIMessageChunk({ id, content: "", tool_calls: [{ id, name: escalation.name, args: { reason } }] })],
  };
}

function openCalls(state: State) {
  const last = state.messages.at(-1) as AIMessage | undefined;
  return last?.type === "ai" ? (last.tool_calls ?? []) : [];
}

async function callTools(settings: SupportSettings, state: State, config: RunnableConfig) {
  const messages: ToolMessage[] = [];
  for (const call of openCalls(state)) {
    const id = call.id ?? call.name;
    const content = await callTool(settings, { id, name: call.name, args: call.args }, config);
    messages.push(new ToolMessage({ id: `result-${id}`, tool_call_id: id, name: call.name, content }));
  }
  return { messages };
}

async function callTool(
  settings: SupportSettings,
  call: { id: string; name: string; args: unknown },
  config: RunnableConfig,
): Promise<string> {
  if (call.name === escalation.name) {
    const request: ApprovalRequest = {
      kind: "answer_customer",
      reason: String((call.args as { reason?: unknown }).reason),
    };
    return String(interrupt<ApprovalRequest, { answer: string }>(request).answer);
  }
  // A document may ask for any tool; only those of the settings file exist, whatever the model was talked into.
  const tool = Object.hasOwn(settings.tools, call.name) ? settings.tools[call.name] : undefined;
  if (tool === undefined) return `Refused: there is no tool ${JSON.stringify(call.name)}.`;
  if (tool.approval) {
    const request: ApprovalRequest = { kind: "approve_tool_call", tool: call.name, arguments: call.args };
    const decision = interrupt<ApprovalRequest, { approve: boolean; reason?: string }>(request);
    if (decision.approve !== true) return `Refused by a person: ${decision.reason ?? "no reason given"}`;
  }
  try {
    return await ledgerOf(config).call({
      tool: call.name,
      key: `tool:${config.configurable?.__pregel_task_id}:${call.id}`,
      policy: tool.policy satisfies ToolPolicy,
      input: call.args,
      execute: () => post(tool, call.args, config.signal),
    });
  } catch (error) {
    if (error instanceof CallRefused) return error.message;
    throw error;
  }
}

async function post(tool: z.output<typeof toolSettings>, args: unknown, signal?: AbortSignal): Promise<string> {
  const limit = AbortSignal.timeout(tool.timeoutSeconds * 1000);
  const response = await fetch(tool.url, {
    method: "POST",
    redirect: "error",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(args),
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    length += part.byteLength;
    if (length > tool.maxResultBytes) break;
  }
  const text = Buffer.concat(parts).subarray(0, tool.maxResultBytes).toString("utf8").replaceAll("\0", "");
  if (!response.ok) return `The tool answered ${response.status}: ${text}`;
  return length > tool.maxResultBytes ? `${text}\n(cut at ${tool.maxResultBytes} bytes)` : text;
}

function ledgerOf(config: RunnableConfig): ToolLedger {
  const ledger = config.configurable?.tool_ledger as ToolLedger | undefined;
  if (ledger === undefined) throw new Error("The graph runs outside of a run: it has no tool ledger.");
  return ledger;
}
