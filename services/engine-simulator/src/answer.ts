import type { Generator } from "./generator.ts";
import { bytesOf, endOfText } from "./vocabulary.ts";

export interface AnswerLimits {
  readonly maxTokens: number;
  readonly minTokens: number;
  readonly ignoreEnd: boolean;
  readonly stop: readonly string[];
}

export interface Piece {
  readonly ids: readonly number[];
  readonly text: string;
  readonly logProbabilities: readonly number[];
  /** Null while the answer goes on. */
  readonly finish: "stop" | "length" | null;
  readonly stopReason: string | null;
}

/** One choice as it is generated: text in whole characters, stop strings held back and cut off, as vLLM does it. */
export class Answer {
  readonly #generator: Generator;
  readonly #limits: AnswerLimits;
  readonly #decoder = new TextDecoder("utf-8");
  readonly #holdBack: number;
  #held = "";
  #isOver = false;
  tokens = 0;

  constructor(generator: Generator, limits: AnswerLimits) {
    this.#generator = generator;
    this.#limits = limits;
    this.#holdBack = Math.max(0, ...limits.stop.map((text) => text.length - 1));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  next(): Piece {
    const mayEnd = !this.#limits.ignoreEnd && this.tokens >= this.#limits.minTokens;
    const { id, logProbability } = this.#generator.next(mayEnd);
    this.tokens += 1;
    const isEnd = id === endOfText;
    this.#held += this.#decoder.decode(bytesOf(id), { stream: true });
    const hit = this.tokens > this.#limits.minTokens ? this.#stopHit() : null;
    const finish = isEnd || hit !== null ? "stop" : this.tokens >= this.#limits.maxTokens ? "length" : null;
    this.#isOver = finish !== null;
    if (hit !== null) this.#held = this.#held.slice(0, hit.at);
    else if (finish !== null) this.#held += this.#decoder.decode();
    const text = this.#isOver ? this.#held : this.#held.slice(0, Math.max(0, this.#held.length - this.#holdBack));
    this.#held = this.#held.slice(text.length);
    return { ids: [id], text, logProbabilities: [logProbability], finish, stopReason: hit?.text ?? null };
  }

  #stopHit(): { at: number; text: string } | null {
    let first: { at: number; text: string } | null = null;
    for (const text of this.#limits.stop) {
      const at = this.#held.indexOf(text);
      if (at !== -1 && (first === null || at < first.at)) first = { at, text };
    }
    return first;
  }
}
