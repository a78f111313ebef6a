import {
  type BaseMessage,
  isBaseMessage,
  mapChatMessagesToStoredMessages,
  mapStoredMessagesToChatMessages,
  type StoredMessage,
} from "@langchain/core/messages";
import { Command, Send } from "@langchain/langgraph";
import type { SerializerProtocol } from "@langchain/langgraph-checkpoint";

/**
 * State as tagged JSON. Only the kinds named here come back as objects with behaviour; everything else comes back as the
 * plain data it is. A value that looks like a tag or like LangChain's own constructor form is data as well: it cannot make
 * the reader construct anything.
 */
export const stateCodec: SerializerProtocol = {
  async dumpsTyped(data) {
    return data instanceof Uint8Array ? ["bytes", data] : ["json", encoder.encode(JSON.stringify(encode(data)))];
  },
  async loadsTyped(type, data) {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    return type === "bytes" ? bytes : decode(JSON.parse(decoder.decode(bytes)));
  },
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const tag = "$";

type Tagged = [kind: string, ...values: unknown[]];

function encode(value: unknown): unknown {
  if (value === undefined) return { [tag]: ["undefined"] };
  if (typeof value === "bigint") return { [tag]: ["bigint", String(value)] };
  if (typeof value === "number" && !Number.isFinite(value)) return { [tag]: ["number", String(value)] };
  if (typeof value !== "object" || value === null) return typeof value === "function" ? null : value;
  if (Array.isArray(value)) return value.map(encode);
  if (isBaseMessage(value)) return { [tag]: ["message", encode(mapChatMessagesToStoredMessages([value])[0])] };
  if (value instanceof Send) return { [tag]: ["send", value.node, encode(value.args)] };
  if (value instanceof Command) {
    return {
      [tag]: ["command", encode({ goto: value.goto, update: value.update, resume: value.resume, graph: value.graph })],
    };
  }
  if (value instanceof Map) return { [tag]: ["map", [...value].map(encode)] };
  if (value instanceof Set) return { [tag]: ["set", [...value].map(encode)] };
  if (value instanceof Date) return { [tag]: ["date", value.toISOString()] };
  if (value instanceof Uint8Array) return { [tag]: ["bytes", Buffer.from(value).toString("base64")] };
  if (value instanceof Error) return { [tag]: ["error", value.name, value.message] };
  const entries = Object.entries(value).map(([key, part]) => [key, encode(part)] as const);
  return Object.hasOwn(value, tag) ? { [tag]: ["object", entries] } : Object.fromEntries(entries);
}

function decode(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(decode);
  if (Object.hasOwn(value, tag)) return decodeTagged((value as Record<string, Tagged>)[tag] as Tagged);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, decode(part)]));
}

function decodeTagged([kind, first, second]: Tagged): unknown {
  switch (kind) {
    case "undefined":
      return undefined;
    case "bigint":
      return BigInt(first as string);
    case "number":
      return Number(first);
    case "message":
      return mapStoredMessagesToChatMessages([decode(first) as StoredMessage])[0] as BaseMessage;
    case "send":
      return new Send(first as string, decode(second));
    case "command":
      return new Command(decode(first) as ConstructorParameters<typeof Command>[0]);
    case "map":
      return new Map(decode(first) as [unknown, unknown][]);
    case "set":
      return new Set(decode(first) as unknown[]);
    case "date":
      return new Date(first as string);
    case "bytes":
      return new Uint8Array(Buffer.from(first as string, "base64"));
    case "error":
      return Object.assign(new Error(second as string), { name: first as string });
    case "object":
      return Object.fromEntries((first as [string, unknown][]).map(([key, part]) => [key, decode(part)]));
    default:
      throw new Error(`The stored state holds a value of the kind "${kind}", which this version does not know.`);
  }
}
