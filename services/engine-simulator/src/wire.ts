import type { Piece } from "./answer.ts";
import type { GenerationRequest } from "./generation-request.ts";
import { decode, wordId } from "./vocabulary.ts";

export interface Envelope {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export function usageOf(promptTokens: number, completionTokens: number): Usage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

function logprobs(request: GenerationRequest, piece: Piece): object | null {
  if (!request.logprobs) return null;
  const tokens = piece.ids.map((id) => decode([id]));
  if (request.kind === "chat") {
    return {
      content: tokens.map((token, index) => ({
        token,
        logprob: piece.logProbabilities[index],
        bytes: [...Buffer.from(token)],
        top_logprobs: likeliest(piece.ids[index] ?? 0, piece.logProbabilities[index] ?? 0, request.alternatives),
      })),
    };
  }
  return { tokens, token_logprobs: piece.logProbabilities, text_offset: tokens.map(() => 0), top_logprobs: null };
}

/** The chosen token and others, each less likely by a factor of e than the one before it. */
function likeliest(id: number, logProbability: number, count: number): object[] {
  const others = Array.from({ length: count }, (_, index) => wordId(index)).filter((other) => other !== id);
  return [id, ...others].slice(0, count).map((one, index) => {
    const token = decode([one]);
    return { token, logprob: logProbability - index, bytes: [...Buffer.from(token)] };
  });
}

/** The first event of a chat stream: the role, and the prompt's ids where they were asked for. */
export function roleEvent(envelope: Envelope, request: GenerationRequest, index: number): object {
  return {
    ...envelope,
    object: "chat.completion.chunk",
    choices: [{ index, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null }],
    ...(request.returnTokenIds ? { prompt_token_ids: request.prompt } : {}),
  };
}

export function pieceEvent(
  envelope: Envelope,
  request: GenerationRequest,
  index: number,
  piece: Piece,
  isFirst: boolean,
): object {
  const end = { logprobs: logprobs(request, piece), finish_reason: piece.finish, stop_reason: piece.stopReason };
  const ids = request.returnTokenIds ? { token_ids: piece.ids } : {};
  if (request.kind === "chat") {
    return {
      ...envelope,
      object: "chat.completion.chunk",
      choices: [{ index, delta: { content: piece.text }, ...end, ...ids }],
    };
  }
  const prompt = isFirst && request.returnTokenIds ? { prompt_token_ids: request.prompt } : {};
  return {
    ...envelope,
    object: "text_completion",
    choices: [{ index, text: piece.text, ...end, ...ids, ...prompt }],
  };
}

/** The events of a tool call: name first, then the arguments in pieces. */
export function toolEvents(envelope: Envelope, call: { name: string; arguments: string }): object[] {
  const event = (delta: object, finish: string | null) => ({
    ...envelope,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  const pieces = call.arguments.match(/[\s\S]{1,8}/g) ?? [];
  return [
    event(
      {
        tool_calls: [
          { index: 0, id: `call-${envelope.id}`, type: "function", function: { name: call.name, arguments: "" } },
        ],
      },
      null,
    ),
    ...pieces.map((piece) => event({ tool_calls: [{ index: 0, function: { arguments: piece } }] }, null)),
    event({}, "tool_calls"),
  ];
}

export function wholeAnswer(
  envelope: Envelope,
  request: GenerationRequest,
  choices: readonly (readonly Piece[])[],
): object {
  const completionTokens = choices.flat().reduce((sum, piece) => sum + piece.ids.length, 0);
  return {
    ...envelope,
    object: request.kind === "chat" ? "chat.completion" : "text_completion",
    choices: choices.map((pieces, index) => wholeChoice(request, pieces, index)),
    usage: usageOf(request.prompt.length, completionTokens),
    ...(request.kind === "chat" && request.returnTokenIds ? { prompt_token_ids: request.prompt } : {}),
  };
}

function wholeChoice(request: GenerationRequest, pieces: readonly Piece[], index: number): object {
  const text = pieces.map((piece) => piece.text).join("");
  const last = pieces.at(-1);
  const whole: Piece = {
    ids: pieces.flatMap((piece) => piece.ids),
    logProbabilities: pieces.flatMap((piece) => piece.logProbabilities),
    text,
    finish: last?.finish ?? "length",
    stopReason: last?.stopReason ?? null,
  };
  const end = {
    index,
    logprobs: logprobs(request, whole),
    finish_reason: whole.finish,
    stop_reason: whole.stopReason,
    ...(request.returnTokenIds ? { token_ids: whole.ids } : {}),
  };
  if (request.kind === "completion") {
    return { ...end, text, ...(request.returnTokenIds ? { prompt_token_ids: request.prompt } : {}) };
  }
  if (request.toolCall !== null) {
    const call = { id: `call-${index}`, type: "function", function: request.toolCall };
    return { ...end, finish_reason: "tool_calls", message: messageOf(null, [call]) };
  }
  return { ...end, message: messageOf(text, []) };
}

/** As vLLM writes it, with every field of OpenAI's form that it has no value for. */
function messageOf(content: string | null, toolCalls: readonly object[]): object {
  const none = { refusal: null, annotations: null, audio: null, function_call: null, reasoning_content: null };
  return { role: "assistant", content, ...none, tool_calls: toolCalls };
}
