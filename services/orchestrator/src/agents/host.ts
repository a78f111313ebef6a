import * as messages from "@langchain/core/messages";
import * as langgraph from "@langchain/langgraph";
import * as z from "zod";
import { askModel, messageOf } from "../models/ask.ts";
import { askForJson, fitsSchema } from "../models/json-answer.ts";
import { modelSettings, OpenAiCompatibleModel } from "../models/openai-compatible.ts";
import { toolFields } from "../tools/settings.ts";
import { Toolbox } from "../tools/toolbox.ts";
import { agentKind, InputDoesNotFit } from "./registry.ts";

/**
 * What a custom agent is built from. It is handed in and not imported: the agent's graph is then made of the same
 * libraries as the service that runs it, and its folder needs no packages of its own.
 */
export const agentHost = {
  agentKind,
  InputDoesNotFit,
  langgraph,
  messages,
  z,
  models: { modelSettings, OpenAiCompatibleModel, askModel, messageOf, askForJson, fitsSchema },
  tools: { toolFields, Toolbox },
};
export type AgentHost = typeof agentHost;
