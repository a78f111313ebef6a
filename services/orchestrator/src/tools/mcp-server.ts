import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport, StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { FetchLike } from "@modelcontextprotocol/sdk/shared/transport.js";
import { type CallToolResult, ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import type { OfferedTool } from "../models/openai-compatible.ts";
import { authorizationOf } from "./authorization.ts";
import { bounded, isNeverConnected, OutcomeUnknown } from "./outcome.ts";
import type { ToolServerSettings } from "./settings.ts";

/** A result is wrapped and escaped on its way: this much more may come over the wire than is kept. */
const wireFactor = 8;
const wireFloorBytes = 1024 * 1024;
const maxDescriptionCharacters = 2000;
/** How long a list of tools is taken for today's, and how long a server that failed is not asked for it again. */
const listSeconds = 60;

class AnswerTooLarge extends Error {
  override name = "AnswerTooLarge";
}

/** A tool server of the settings file. Each call has its own connection, so one that hangs holds up no other. */
export class McpServer {
  readonly #settings: ToolServerSettings;
  #listed: { tools: readonly OfferedTool[]; until: number } | null = null;

  constructor(settings: ToolServerSettings) {
    this.#settings = settings;
  }

  /**
   * The server's words for those of its tools that the settings allow; of a server that does not answer, the last known
   * ones. Its hints about what a tool does to the world are not read.
   */
  async allowed(): Promise<readonly OfferedTool[]> {
    if (this.#listed !== null && this.#listed.until > Date.now()) return this.#listed.tools;
    let tools = this.#listed?.tools ?? [];
    try {
      tools = await this.#connected(undefined, async (client, options) => {
        const all = (await client.listTools(undefined, options)).tools;
        return all
          .filter((tool) => Object.hasOwn(this.#settings.tools, tool.name))
          .map((tool) => ({
            name: tool.name,
            description: (tool.description ?? tool.name).slice(0, maxDescriptionCharacters),
            parameters: tool.inputSchema as Record<string, unknown>,
          }));
      });
    } catch {
      // A model that asks for one of its tools hears that the server cannot be reached.
    }
    this.#listed = { tools, until: Date.now() + listSeconds * 1000 };
    return tools;
  }

  /** Asks a tool; its text, or what went wrong in words. Throws `OutcomeUnknown` where the call may have taken place. */
  async call(tool: string, key: string, args: unknown, signal: AbortSignal | undefined): Promise<string> {
    const result = await this.#ask(tool, key, args, signal);
    if (result === null) return "The tool server cannot be reached; the tool was not asked.";
    if (typeof result === "string") return result;
    const text = bounded(textOf(result), this.#settings.maxResultBytes);
    return result.isError === true ? `The tool answered with an error: ${text}` : text;
  }

  /** What the server's own tool for it says of a lost call: its result, or null when it did not take place. */
  async find(tool: string, key: string, args: unknown, signal: AbortSignal | undefined): Promise<string | null> {
    const result = await this.#ask(tool, key, { key, arguments: args }, signal);
    if (result === null || typeof result === "string") {
      throw new OutcomeUnknown("The tool server does not say whether the call took place.");
    }
    return result.isError === true ? null : bounded(textOf(result), this.#settings.maxResultBytes);
  }

  /** Null when nothing was asked; a text when the server refused in words of the protocol. */
  async #ask(
    tool: string,
    key: string,
    args: unknown,
    signal: AbortSignal | undefined,
  ): Promise<CallToolResult | string | null> {
    let isAsked = false;
    try {
      return await this.#connected(signal, async (client, options) => {
        isAsked = true;
        return (await client.callTool(
          { name: tool, arguments: (args ?? {}) as Record<string, unknown>, _meta: { "freehold/call-key": key } },
          undefined,
          options,
        )) as CallToolResult;
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      if (!isAsked || isNeverConnected(error)) return null;
      if (error instanceof AnswerTooLarge) return error.message;
      if (error instanceof McpError && !lostAnswers.has(error.code)) {
        return bounded(`The tool server refused: ${error.message}`, this.#settings.maxResultBytes);
      }
      if (error instanceof StreamableHTTPError && isRefusal(error.code)) {
        return `The tool server refused with status ${error.code}.`;
      }
      throw new OutcomeUnknown(
        error instanceof McpError && error.code === ErrorCode.RequestTimeout
          ? `No answer within ${this.#settings.timeoutSeconds} s.`
          : "The connection to the tool server broke.",
      );
    }
  }

  async #connected<Result>(
    signal: AbortSignal | undefined,
    work: (client: Client, options: { timeout: number; signal: AbortSignal }) => Promise<Result>,
  ): Promise<Result> {
    const broken = new AbortController();
    const limit = AbortSignal.any([broken.signal, ...(signal === undefined ? [] : [signal])]);
    const transport = new StreamableHTTPClientTransport(new URL(this.#settings.url), {
      fetch: this.#fetch(broken),
      // A call is one request: reading on after a break would hide that its answer was lost.
      reconnectionOptions: {
        maxRetries: 0,
        initialReconnectionDelay: 0,
        maxReconnectionDelay: 0,
        reconnectionDelayGrowFactor: 1,
      },
      requestInit: { headers: authorizationOf(this.#settings.tokenFile) },
    });
    const client = new Client({ name: "freehold-orchestrator", version: "1" }, { capabilities: {} });
    const timeout = this.#settings.timeoutSeconds * 1000;
    try {
      await client.connect(transport, { timeout, signal: limit });
      return await work(client, { timeout, signal: limit });
    } catch (error) {
      // The SDK reports a stop from outside as a failed request; the reason is what happened.
      throw broken.signal.aborted ? broken.signal.reason : error;
    } finally {
      await client.close().catch(() => {});
    }
  }

  /** Fetches within the server's own origin, follows nothing, and reads no more than the bound. */
  #fetch(broken: AbortController): FetchLike {
    const { origin } = new URL(this.#settings.url);
    const most = Math.max(this.#settings.maxResultBytes * wireFactor, wireFloorBytes);
    return async (url, init) => {
      if (new URL(url).origin !== origin) throw new Error("A tool server may only be called at its own origin.");
      const response = await fetch(url, { ...init, redirect: "error" });
      // Only a call has an answer that can be lost; the stream for the server's own messages may end as it likes.
      if (response.body === null || !String(init?.body).startsWith('{"method":"tools/')) return response;
      return new Response(boundedStream(response.body, most, broken), response);
    };
  }
}

/** Failures in which the answer, not the call, is what is missing. */
const lostAnswers = new Set<number>([ErrorCode.RequestTimeout, ErrorCode.ConnectionClosed]);

function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500;
}

/** Time for an answer that has come to be read, before a stream that ended counts as one without an answer. */
const endGraceMilliseconds = 1000;

/** The stream up to `most` bytes. That it breaks, grows too large or ends without an answer ends the whole call. */
function boundedStream(body: ReadableStream<Uint8Array>, most: number, broken: AbortController) {
  let length = 0;
  const bound = new TransformStream<Uint8Array, Uint8Array>({
    transform(part, controller) {
      length += part.byteLength;
      if (length <= most) return controller.enqueue(part);
      const error = new AnswerTooLarge(`The tool's answer is larger than ${most} bytes and was dropped.`);
      broken.abort(error);
      controller.error(error);
    },
  });
  body.pipeTo(bound.writable).then(
    () => setTimeout(() => broken.abort(new Error("The answer ended early.")), endGraceMilliseconds).unref(),
    (error) => broken.abort(error),
  );
  return bound.readable;
}

function textOf(result: CallToolResult): string {
  const parts = (result.content ?? []).map((part) => (part.type === "text" ? part.text : `(${part.type})`));
  if (parts.length === 0 && result.structuredContent !== undefined) return JSON.stringify(result.structuredContent);
  return parts.join("\n");
}
