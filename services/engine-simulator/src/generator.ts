import { decode, endOfText, startOfAnswer, wordCount, wordId } from "./vocabulary.ts";

/** Characters of two to four bytes, which come out as one token a byte: a cut may fall inside one. */
const wideCharacters = ["ä", "é", "€", "語", "🙂"].map((character) => [...Buffer.from(character, "utf8")]);

/** Share of steps, in thousandths, at which an answer ends by itself. */
const endPerMille = 12;
const widePerMille = 40;

function mix(state: number, value: number): number {
  let mixed = Math.imul(state ^ value, 0x9e3779b1);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x85ebca77);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

function mixText(text: string): number {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(text, "utf8")) state = mix(state, byte);
  return state;
}

export interface Step {
  readonly id: number;
  /** Natural logarithm of the token's probability, -2 to 0. */
  readonly logProbability: number;
}

/**
 * The tokens of one answer. Each token follows from the weights, the seed and all tokens before it and from nothing
 * else, so an engine with the same weights that is given prompt and half an answer goes on with the very same tokens.
 */
export class Generator {
  #state: number;
  /** Bytes that must follow to complete a wide character. */
  #pending: number[] = [];
  #script: number[] | null;

  constructor(prompt: readonly number[], weights: string, seed: number, script: number[] | null = null) {
    this.#state = mix(mixText(weights), seed);
    for (const id of prompt) this.#state = mix(this.#state, id);
    this.#script = script;
    // A prompt may end inside a wide character that an answer had begun.
    const open = openCharacter(prompt);
    if (open !== null) this.#pending = open;
  }

  next(mayEnd: boolean): Step {
    const chance = mix(this.#state, 0x5bd1e995);
    const id = this.#choose(chance, mayEnd);
    this.#state = mix(this.#state, id);
    return { id, logProbability: -(chance % 2000) / 1000 };
  }

  #choose(chance: number, mayEnd: boolean): number {
    if (this.#script !== null) return this.#script.shift() ?? endOfText;
    const pending = this.#pending.shift();
    if (pending !== undefined) return pending;
    const draw = chance % 1000;
    if (mayEnd && draw < endPerMille) return endOfText;
    if (draw >= 1000 - widePerMille) {
      const [first = 0, ...rest] = wideCharacters[(chance >>> 10) % wideCharacters.length] ?? [];
      this.#pending = rest;
      return first;
    }
    return wordId((chance >>> 10) % wordCount);
  }
}

function openCharacter(prompt: readonly number[]): number[] | null {
  for (let length = 1; length <= 3; length += 1) {
    const tail = prompt.slice(-length);
    for (const bytes of wideCharacters) {
      if (bytes.length > length && tail.length === length && tail.every((id, index) => id === bytes[index])) {
        return bytes.slice(length);
      }
    }
  }
  return null;
}

/**
 * Ids of an answer that the prompt dictates, less what of it already stands in the prompt; null when it dictates none.
 * `[[say:TEXT]]` is answered with TEXT. `[[ask:ID=ANSWER]]` is answered rightly in `accuracy` of all cases, by ID.
 */
export function scriptedAnswer(
  prompt: readonly number[],
  weights: string,
  accuracy: number,
  encode: (text: string) => number[],
): number[] | null {
  const answerStart = prompt.lastIndexOf(startOfAnswer);
  if (answerStart === -1) return null;
  const asked = decode(prompt.slice(0, answerStart));
  const already = prompt.length - answerStart - 1;
  const said = lastMatch(asked, /\[\[say:([\s\S]*?)\]\]/g);
  if (said !== null) return encode(said[1] ?? "").slice(already);
  const question = lastMatch(asked, /\[\[ask:([^=\]]+)=([^\]]*)\]\]/g);
  if (question === null) return null;
  const isRight = (mixText(`${weights}/${question[1]}`) % 10_000) / 10_000 < accuracy;
  return encode(isRight ? (question[2] ?? "") : "I do not know").slice(already);
}

function lastMatch(text: string, pattern: RegExp): RegExpMatchArray | null {
  return [...text.matchAll(pattern)].at(-1) ?? null;
}
