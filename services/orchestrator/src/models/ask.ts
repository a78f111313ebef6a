import { randomUUID } from "node:crypto";
import { type AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { attributes } from "../../../shared/src/gen-ai-conventions.ts";
import type { Attributes } from "../../../shared/src/otlp-exporter.ts";
import { runSpanOf } from "../telemetry.ts";
import type { Meter } from "../tenants/budget.ts";
import { ledgerOf } from "../tools/ledger.ts";
import type { OfferedTool, OpenAiCompatibleModel } from "./openai-compatible.ts";

/** One call of a model within a task of a graph. */
export interface Question {
  messages: readonly BaseMessage[];
  offered?: readonly OfferedTool[];
  /** JSON schema that the answer must fit, where the engine can hold itself to one. */
  schema?: Record<string, unknown>;
  /** Tells apart the calls of one task; left out where there is one. */
  part?: string;
}

/** A model's answer as it is stored. */
export interface Reply {
  id: string;
  content: string;
  /** No two of one answer have the same id. */
  calls: { id: string; name: string; args: Record<string, unknown> }[];
}

/** The model's answer; a new attempt of the same task gets the stored one, which was paid for. */
export async function askModel(
  model: OpenAiCompatibleModel,
  question: Question,
  config: RunnableConfig,
): Promise<Reply> {
  const { messages, offered, schema, part } = question;
  const callKey = ["model", config.configurable?.__pregel_task_id, ...(part === undefined ? [] : [part])].join(":");
  return ledgerOf(config).call({
    tool: `model ${model.modelName}`,
    key: callKey,
    policy: "idempotent",
    input: messages.map((message) => [message.type, message.content]),
    async execute() {
      const meter = config.configurable?.usage_meter as Meter | undefined;
      await meter?.admitModelCall();
      const reply = await runSpanOf(config).chat(model.modelName, model.dataClass, async (span) => {
        const answer = (await model.invoke([...messages], {
          ...config,
          callKey,
          tenant: config.configurable?.tenant_id,
          traceHeaders: span.headers,
          ...(offered === undefined ? {} : { offered }),
          ...(schema === undefined ? {} : { schema }),
        })) as AIMessage;
        span.add(attributesOf(answer));
        return answer;
      });
      await meter?.countTokens(tokensOf(messages, reply));
      return { id: reply.id ?? randomUUID(), content: reply.text, calls: namedApart(reply.tool_calls ?? []) };
    },
  });
}

/** Some engines give calls no id, or the same one twice in an answer; by its id each is looked up in the ledger. */
function namedApart(calls: readonly { id?: string; name: string; args: Record<string, unknown> }[]): Reply["calls"] {
  const taken = new Set<string>();
  return calls.map(({ id: given, name, args }) => {
    const id = given === undefined || given === "" || taken.has(given) ? `call-${randomUUID()}` : given;
    taken.add(id);
    return { id, name, args };
  });
}

function attributesOf({ usage_metadata: usage, response_metadata: { finish_reason: finish } }: AIMessage): Attributes {
  return {
    [attributes.inputTokens]: usage?.input_tokens,
    [attributes.outputTokens]: usage?.output_tokens,
    [attributes.finishReasons]: typeof finish === "string" ? [finish] : undefined,
  };
}

/** What the model says it took; of one that does not say, a token for every four characters. */
function tokensOf(messages: readonly BaseMessage[], reply: AIMessage): number {
  const said = reply.usage_metadata?.total_tokens;
  if (said !== undefined) return said;
  const characters = [...messages, reply].reduce((sum, message) => sum + message.text.length, 0);
  return Math.ceil(characters / 4);
}

/** The reply as a message of the graph's state. */
export function messageOf(reply: Reply): AIMessageChunk {
  return new AIMessageChunk({ id: reply.id, content: reply.content, tool_calls: reply.calls });
}
