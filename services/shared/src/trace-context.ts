import { randomBytes } from "node:crypto";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Where a span stands in its trace, as W3C Trace Context writes it. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
  /** What other vendors wrote; passed on as it came. */
  readonly state: string | null;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const mostStateCharacters = 512;

/** The caller's place in its trace; null where the header is not there or says nothing. */
export function readContext(headers: Headers): TraceContext | null {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== "string") return null;
  const [, version = "", traceId = "", spanId = "", flags = "", more] = form.exec(traceparent) ?? [];
  // Version 00 has nothing behind the flags; later ones may.
  if (traceId === "" || version === "ff" || (version === "00" && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  const state = typeof tracestate === "string" && tracestate.length <= mostStateCharacters ? tracestate : null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1, state };
}

/** Headers that put the next service below `context`. */
export function contextHeaders({ traceId, spanId, isSampled, state }: TraceContext): Record<string, string> {
  const traceparent = `00-${traceId}-${spanId}-0${isSampled ? 1 : 0}`;
  return state === null ? { traceparent } : { traceparent, tracestate: state };
}

/** A place below `parent`, or the root of a new trace, which is sampled by `share` and by nothing but its id. */
export function contextBelow(parent: TraceContext | null, share: number): TraceContext {
  if (parent === null) return rootContext(randomBytes(16).toString("hex"), share);
  return { ...parent, spanId: newSpanId() };
}

/** The root of the trace with this id; whoever asks for the same id and share finds it sampled or not alike. */
export function rootContext(traceId: string, share: number): TraceContext {
  const isSampled = Number.parseInt(traceId.slice(-8), 16) < share * 2 ** 32;
  return { traceId, spanId: newSpanId(), isSampled, state: null };
}

function newSpanId(): string {
  return randomBytes(8).toString("hex");
}
