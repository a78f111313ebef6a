/** Ids 0 to 255 are the bytes themselves, so any text can be encoded. */
const firstSpecialId = 256;

export const endOfText = 256;
const startOfMessage = 257;
const endOfMessage = 258;
/** What stands right before an answer; a replayed answer is found again behind the last one. */
export const startOfAnswer = 259;

const firstWordId = 300;

const words =
  "the a of to and in is that it for on with as by at from this be are or an was not but have which one all can more their when will time out up now if so what some them than other into its only new very after most also over such how our even many must before these may then first any well where much should each just those people way long make work same system part year day place found still between name great small number old set end put home read hand large add land here high act why ask men change went light kind off need house picture try us again animal point mother world near build self earth father head stand own page country answer school grow study learn plant cover food sun four state keep eye never last let thought city tree cross farm hard start story saw far sea draw left late run while press close night real life few north".split(
    " ",
  );

const wordIds = new Map(words.map((word, index) => [` ${word}`, firstWordId + index]));
const wordBytes = words.map((word) => Buffer.from(` ${word}`, "utf8"));
const singleBytes = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]));
const nothing = Buffer.alloc(0);

export const wordCount = words.length;

/** Id of the word at `index`, 0 to `wordCount` - 1. */
export function wordId(index: number): number {
  return firstWordId + index;
}

/** Whether the engine accepts `id` in a prompt. */
export function isTokenId(id: unknown): id is number {
  if (typeof id !== "number" || !Number.isInteger(id) || id < 0) return false;
  return id < firstSpecialId || (id >= endOfText && id <= startOfAnswer) || wordBytes[id - firstWordId] !== undefined;
}

/** UTF-8 bytes of one token; none for special tokens. */
export function bytesOf(id: number): Buffer {
  return singleBytes[id] ?? wordBytes[id - firstWordId] ?? nothing;
}

/** Known words with their leading space become one token, everything else one token a byte. */
export function encode(text: string): number[] {
  const ids: number[] = [];
  for (const piece of text.match(/ [a-z]+|[^ ]+| /g) ?? []) {
    const known = wordIds.get(piece);
    if (known !== undefined) ids.push(known);
    else ids.push(...Buffer.from(piece, "utf8"));
  }
  return ids;
}

export function decode(ids: readonly number[]): string {
  return Buffer.concat(ids.map(bytesOf)).toString("utf8");
}

/** The chat template: role and text of each message between special tokens, then the start of the answer. */
export function encodeChat(messages: readonly { readonly role: string; readonly text: string }[]): number[] {
  const ids: number[] = [];
  for (const { role, text } of messages) ids.push(startOfMessage, ...encode(`${role}\n${text}`), endOfMessage);
  ids.push(startOfAnswer);
  return ids;
}
