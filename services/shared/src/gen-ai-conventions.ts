/**
 * Names of OpenTelemetry's conventions for generative AI that the services use, written down here because they are in
 * development upstream: a new version there changes nothing here until somebody chooses it.
 * Source: https://github.com/open-telemetry/semantic-conventions/tree/v1.38.0/docs/gen-ai, read 2026-11.
 */
export const conventionsUrl = "https://opentelemetry.io/schemas/1.38.0";

export const attributes = {
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  responseModel: "gen_ai.response.model",
  responseId: "gen_ai.response.id",
  finishReasons: "gen_ai.response.finish_reasons",
  maxTokens: "gen_ai.request.max_tokens",
  temperature: "gen_ai.request.temperature",
  topP: "gen_ai.request.top_p",
  seed: "gen_ai.request.seed",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  tokenType: "gen_ai.token.type",
  inputMessages: "gen_ai.input.messages",
  outputMessages: "gen_ai.output.messages",
  agentId: "gen_ai.agent.id",
  agentName: "gen_ai.agent.name",
  conversationId: "gen_ai.conversation.id",
  toolName: "gen_ai.tool.name",
  toolType: "gen_ai.tool.type",
  toolCallId: "gen_ai.tool.call.id",
  errorType: "error.type",
  httpStatus: "http.response.status_code",
} as const;

/** Attributes of Freehold's own. */
export const ownAttributes = {
  tenant: "freehold.tenant",
  dataClass: "freehold.data_class",
  version: "freehold.version",
  reason: "freehold.reason",
  /** What the caller named, where another model answered. */
  askedModel: "freehold.asked_model",
  backend: "freehold.backend",
  runId: "freehold.run_id",
  attempt: "freehold.attempt",
  /** How an attempt left its run. */
  outcome: "freehold.outcome",
  toolPolicy: "freehold.tool_policy",
} as const;

export const providerName = "freehold";

export const operations = {
  chat: "chat",
  completion: "text_completion",
  embedding: "embeddings",
  agent: "invoke_agent",
  tool: "execute_tool",
} as const;

/** Metrics with their units and the bounds of their buckets, as the conventions advise them. */
export const histograms = {
  tokenUsage: {
    name: "gen_ai.client.token.usage",
    unit: "{token}",
    bounds: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
  },
  requestDuration: {
    name: "gen_ai.server.request.duration",
    unit: "s",
    bounds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  },
  timeToFirstToken: {
    name: "gen_ai.server.time_to_first_token",
    unit: "s",
    bounds: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
  timePerOutputToken: {
    name: "gen_ai.server.time_per_output_token",
    unit: "s",
    bounds: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
  },
} as const;
