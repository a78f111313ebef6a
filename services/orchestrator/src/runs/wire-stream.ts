import { AIMessageChunk, type BaseMessage, isBaseMessage, isBaseMessageChunk } from "@langchain/core/messages";
import { toWire } from "../api/json.ts";
import type { RunEvent } from "./events.ts";

/** Modes that only the wire has; the graph streams the rest by the same names. */
const wireModes: readonly string[] = ["messages-tuple", "events"];
/** Marks steps of the library's own, which nobody asked to see. */
const hiddenTag = "langsmith:hidden";

interface LibraryEvent {
  event: string;
  run_id: string;
  tags?: string[];
  data: { chunk?: unknown };
}

/** What a graph streams in one attempt, as events of the wire in the modes that the caller asked for. */
export class WireStream {
  readonly #modes: ReadonlySet<string>;
  readonly #hasNamespaces: boolean;
  /** Messages so far by their ids, for the mode `messages`, which sends the whole each time. */
  readonly #messages = new Map<string, BaseMessage>();
  #rootRunId: string | null = null;

  constructor(modes: readonly string[], hasNamespaces: boolean) {
    this.#modes = new Set(modes);
    this.#hasNamespaces = hasNamespaces;
  }

  /** The modes in the graph's words. Always an array, so that each chunk names its mode. */
  get graphModes(): string[] {
    const modes = new Set([...this.#modes].filter((mode) => !wireModes.includes(mode)));
    if (this.#modes.has("messages-tuple")) modes.add("messages");
    return modes.size === 0 ? ["values"] : [...modes];
  }

  /** Whether the graph has to tell of all that happens within it: then `ofEvent` takes what it says, else `ofChunk`. */
  get hasEvents(): boolean {
    return this.#modes.has("events");
  }

  /** Of one piece of `stream`. */
  ofChunk(chunk: unknown): RunEvent[] {
    const [namespace, mode, data] = (this.#hasNamespaces ? chunk : [[], ...(chunk as unknown[])]) as [
      string[],
      string,
      unknown,
    ];
    const at = (event: string, part: unknown) => eventOf([event, ...namespace].join("|"), part);
    if (mode !== "messages") return this.#modes.has(mode) ? [at(mode, data)] : [];
    return [
      ...(this.#modes.has("messages-tuple") ? [at("messages", data)] : []),
      ...(this.#modes.has("messages") ? this.#whole(data).map(([event, part]) => at(event, part)) : []),
    ];
  }

  /** Of one event of `streamEvents`; what the graph itself streams comes as the chunks of its root. */
  ofEvent(event: LibraryEvent): RunEvent[] {
    this.#rootRunId ??= event.run_id;
    if (event.tags?.includes(hiddenTag)) return [];
    const isOfGraph = event.event === "on_chain_stream" && event.run_id === this.#rootRunId;
    return [...(isOfGraph ? this.ofChunk(event.data.chunk) : []), eventOf("events", event)];
  }

  #whole(data: unknown): [event: string, part: unknown][] {
    const [piece, metadata] = data as [unknown, unknown];
    if (!isBaseMessage(piece) || piece.id === undefined) return [];
    const before = this.#messages.get(piece.id);
    const isChunk = isBaseMessageChunk(piece);
    const whole =
      isChunk && before instanceof AIMessageChunk && piece instanceof AIMessageChunk ? before.concat(piece) : piece;
    this.#messages.set(piece.id, whole);
    return [
      ...(before === undefined ? [["messages/metadata", { [piece.id]: { metadata } }] as [string, unknown]] : []),
      [isChunk ? "messages/partial" : "messages/complete", [whole]],
    ];
  }
}

function eventOf(event: string, data: unknown): RunEvent {
  return { event, data: JSON.stringify(toWire(data) ?? null) };
}
