import { type Finding, finding } from "../diagnostics/finding.ts";
import { limits } from "./limits.ts";

type File = "stack" | "lock";

/** Text of a file and what is wrong with its bytes or characters. Text is never decoded by guess: U+FFFD marks a bad byte. */
export interface Decoded {
  readonly text: string;
  readonly findings: readonly Finding[];
}

/**
 * The text of a file, with a finding for each reason why it cannot be yaml in UTF-8: too large, UTF-16, bytes that
 * are not UTF-8, characters that yaml forbids. These come before parsing, because a parser reports them elsewhere or
 * not at all.
 */
export function decode(input: string | Uint8Array, file: File = "stack"): Decoded {
  if (typeof input === "string") {
    const bytes = utf8Length(input);
    return bytes >= limits.fileBytes
      ? tooLarge(input, bytes, file)
      : { text: input, findings: characters(input, file) };
  }
  // Of a file far too large only the beginning is decoded: enough for the line that the finding shows.
  if (input.length >= limits.fileBytes) {
    const beginning = new TextDecoder("utf-8", { ignoreBOM: true }).decode(input.subarray(0, 4096));
    return tooLarge(beginning, input.length, file);
  }
  const encoding = utf16(input);
  if (encoding !== null) {
    const place = { file, offsets: [0, 1] } as const;
    return {
      text: decodeUtf16(input, encoding),
      findings: [finding("CFG-017", place, { encoding: `UTF-16, ${encoding === "le" ? "little" : "big"}-endian` })],
    };
  }
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(input);
  const bad = badBytes(input);
  if (bad.count > 0) {
    const start = new TextDecoder("utf-8", { ignoreBOM: true }).decode(input.subarray(0, bad.first)).length;
    const byte = input[bad.first] ?? 0;
    const parameters = {
      byte: `0x${byte.toString(16).toUpperCase().padStart(2, "0")}`,
      // 0x80 to 0x9F are control characters in Latin-1; naming them would not help.
      latin1: byte >= 0xa0 ? String.fromCharCode(byte) : null,
      count: bad.count,
    };
    return { text, findings: [finding("CFG-016", { file, offsets: [start, start + 1] }, parameters)] };
  }
  return { text, findings: characters(text, file) };
}

function tooLarge(text: string, bytes: number, file: File): Decoded {
  return {
    text,
    findings: [finding("CFG-010", { file, offsets: [0, 0] }, { bytes, limit: limits.fileBytes })],
  };
}

function utf8Length(text: string): number {
  // Each UTF-16 unit takes at least one byte, so a text that is longer than the limit need not be encoded to know.
  return text.length >= limits.fileBytes ? text.length : new TextEncoder().encode(text).length;
}

/**
 * Byte order of UTF-16, by its byte order mark or by the NUL that every ASCII character has in it; null for anything
 * else. Both bytes of the first character must speak for it: a single NUL is a fault of its own.
 */
function utf16(bytes: Uint8Array): "le" | "be" | null {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return "le";
  if (a === 0xfe && b === 0xff) return "be";
  if (a === undefined || b === undefined || c === undefined || d === undefined) return null;
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return "le";
  if (a === 0 && b !== 0 && c === 0 && d !== 0) return "be";
  return null;
}

function decodeUtf16(bytes: Uint8Array, order: "le" | "be"): string {
  const little = new Uint8Array(bytes.length - (bytes.length % 2));
  for (let i = 0; i < little.length; i += 2) {
    little[i] = bytes[order === "le" ? i : i + 1] ?? 0;
    little[i + 1] = bytes[order === "le" ? i + 1 : i] ?? 0;
  }
  return new TextDecoder("utf-16le").decode(little);
}

/** Offset of the first byte that is not part of UTF-8 and how many there are. RFC 3629, section 4. */
function badBytes(bytes: Uint8Array): { first: number; count: number } {
  let first = -1;
  let count = 0;
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceLength(bytes, i);
    if (length > 0) {
      i += length;
      continue;
    }
    if (first < 0) first = i;
    count += 1;
    i += 1;
  }
  return { first, count };
}

/** Bytes in the UTF-8 sequence that starts at `i`, or 0 when none does. */
function sequenceLength(bytes: Uint8Array, i: number): number {
  const lead = bytes[i] ?? 0;
  const second = bytes[i + 1] ?? 0;
  if (lead < 0x80) return 1;
  const isTail = (byte: number | undefined) => byte !== undefined && byte >= 0x80 && byte <= 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) return isTail(second) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const isShortest = lead !== 0xe0 || second >= 0xa0;
    const isNoSurrogate = lead !== 0xed || second <= 0x9f;
    return isTail(second) && isShortest && isNoSurrogate && isTail(bytes[i + 2]) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const isShortest = lead !== 0xf0 || second >= 0x90;
    const isInRange = lead !== 0xf4 || second <= 0x8f;
    return isTail(second) && isShortest && isInRange && isTail(bytes[i + 2]) && isTail(bytes[i + 3]) ? 4 : 0;
  }
  return 0;
}

// What yaml 1.2 section 5.1 does not count as printable, a byte order mark that is not at the start, and a carriage
// return that ends no line (yaml 1.2 reads it as a line end, the parser does not).
const forbidden = /(?![\t\n\r\u0085])\p{Cc}|\r(?!\n)|(?!^)\ufeff|[\ufffe\uffff]|\p{Cs}/gu;

const characterNames: Readonly<Record<number, string>> = {
  0: "NUL",
  7: "BEL",
  8: "backspace",
  11: "vertical tab",
  12: "form feed",
  13: "carriage return without a line feed",
  27: "escape",
  127: "delete",
  65279: "byte order mark, after the start of the file",
};

function characters(text: string, file: File): Finding[] {
  let first = -1;
  let count = 0;
  for (const match of text.matchAll(forbidden)) {
    if (first < 0) first = match.index;
    count += 1;
  }
  if (first < 0) return [];
  const unit = text.charCodeAt(first);
  const name = characterNames[unit];
  const character = `U+${unit.toString(16).toUpperCase().padStart(4, "0")}${name === undefined ? "" : ` (${name})`}`;
  return [finding("CFG-018", { file, offsets: [first, first + 1] }, { character, count })];
}
