import { ToolMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";

/**
 * A tool's result as a message of the state. Its id is the same when its step is repeated, and no other step's: engines may begin the
 * ids of calls anew with each answer, and a message takes the place of one that has its id.
 */
export function resultOf(config: RunnableConfig, callId: string, tool: string, content: string): ToolMessage {
  const id = `result-${config.configurable?.__pregel_task_id}-${callId}`;
  return new ToolMessage({ id, tool_call_id: callId, name: tool, content });
}
