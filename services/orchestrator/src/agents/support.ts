import { randomUUID } from "node:crypto";
import { type AIMessage, AIMessageChunk, SystemMessage, type ToolMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { END, interrupt, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import * as z from "zod";
import { askModel, messageOf } from "../models/ask.ts";
import { modelSettings, type OfferedTool, OpenAiCompatibleModel } from "../models/openai-compatible.ts";
import { resultOf } from "../tools/result-message.ts";
import { toolFields } from "../tools/settings.ts";
import { Toolbox } from "../tools/toolbox.ts";
import { agentKind } from "./registry.ts";

const supportSettings = z.strictObject({
  model: modelSettings,
  instructions: z
    .string()
    .min(1)
    .default("You answer questions of customers. Hand over to a person when you are not sure."),
  ...toolFields,
  maxModelCalls: z
    .int()
    .min(1)
    .default(12)
    .meta({ description: "Model calls for one question; then a person is asked." }),
});
type SupportSettings = z.output<typeof supportSettings>;
type State = typeof MessagesAnnotation.State;

/** What a person is asked when the model does not know; the answer is `{ answer }`. */
export interface Escalation {
  kind: "answer_customer";
  reason: string;
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
    const toolbox = new Toolbox(settings);
    return new StateGraph(MessagesAnnotation)
      .addNode("answer", (state, config) => answer(model, settings, toolbox, state, config))
      .addNode("tools", (state, config) => callTools(toolbox, state, config))
      .addEdge(START, "answer")
      .addConditionalEdges("answer", (state) => (openCalls(state).length > 0 ? "tools" : END), ["tools", END])
      .addEdge("tools", "answer")
      .compile({ checkpointer });
  },
});

async function answer(
  model: OpenAiCompatibleModel,
  settings: SupportSettings,
  toolbox: Toolbox,
  state: State,
  config: RunnableConfig,
) {
  const question = state.messages.findLastIndex((message) => message.type === "human");
  const calls = state.messages.slice(question).filter((message) => message.type === "ai").length;
  const messages = [new SystemMessage(settings.instructions), ...state.messages];
  if (calls >= settings.maxModelCalls) return handOver("The question took more model calls than it may.");
  const offered = [escalation, ...(await toolbox.offered())];
  return { messages: [messageOf(await askModel(model, { messages, offered }, config))] };
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

async function callTools(toolbox: Toolbox, state: State, config: RunnableConfig) {
  const messages: ToolMessage[] = [];
  for (const call of openCalls(state)) {
    const id = call.id ?? call.name;
    const content =
      call.name === escalation.name
        ? askPerson(String(call.args.reason))
        : await toolbox.call({ id, name: call.name, args: call.args }, config);
    messages.push(resultOf(config, id, call.name, content));
  }
  return { messages };
}

function askPerson(reason: string): string {
  return String(interrupt<Escalation, { answer: string }>({ kind: "answer_customer", reason }).answer);
}
