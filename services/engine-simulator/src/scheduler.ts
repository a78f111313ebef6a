/** Tokens that one block of the KV cache holds, as in vLLM. */
const tokensPerBlock = 16;

export interface Timing {
  /** Length of one step of the engine; each running answer gets one token a step. 0 makes steps as fast as possible. */
  readonly stepMilliseconds: number;
  readonly prefillTokensPerSecond: number;
  readonly maxRunning: number;
  readonly kvBlocks: number;
}

export interface Sequence {
  readonly promptTokens: number;
  /** Makes one token; false when the answer is complete. */
  step(): boolean;
}

interface Entry {
  readonly sequence: Sequence;
  /** Prefill steps left before the first token. */
  prefillSteps: number;
  tokens: number;
}

/** The engine's loop: admits what fits, and gives each running answer one token a step. */
export class Scheduler {
  readonly #timing: Timing;
  #waiting: Entry[] = [];
  #running: Entry[] = [];
  #timer: NodeJS.Timeout | NodeJS.Immediate | null = null;
  #frozen = false;
  /** vLLM's `iteration_tokens_total_count`: the one honest sign of life. */
  steps = 0;
  preemptions = 0;

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  get running(): number {
    return this.#running.length;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Share of KV blocks in use, 0 to 1. */
  get kvUsage(): number {
    return this.#blocksUsed() / this.#timing.kvBlocks;
  }

  fits(tokens: number): boolean {
    return blocks(tokens) <= this.#timing.kvBlocks;
  }

  submit(sequence: Sequence): void {
    const { prefillTokensPerSecond, stepMilliseconds } = this.#timing;
    const prefillMilliseconds = (sequence.promptTokens / prefillTokensPerSecond) * 1000;
    const prefillSteps = stepMilliseconds === 0 ? 0 : Math.floor(prefillMilliseconds / stepMilliseconds);
    this.#waiting.push({ sequence, prefillSteps, tokens: sequence.promptTokens });
    this.#schedule();
  }

  remove(sequence: Sequence): void {
    this.#running = this.#running.filter((entry) => entry.sequence !== sequence);
    this.#waiting = this.#waiting.filter((entry) => entry.sequence !== sequence);
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    this.#schedule();
  }

  #blocksUsed(): number {
    return this.#running.reduce((sum, entry) => sum + blocks(entry.tokens), 0);
  }

  #schedule(): void {
    if (this.#timer !== null || this.#frozen || this.#running.length + this.#waiting.length === 0) return;
    const tick = () => {
      this.#timer = null;
      this.#step();
      this.#schedule();
    };
    const { stepMilliseconds } = this.#timing;
    this.#timer = stepMilliseconds === 0 ? setImmediate(tick) : setTimeout(tick, stepMilliseconds);
  }

  #step(): void {
    if (this.#frozen) return;
    this.#admit();
    this.steps += 1;
    for (const entry of [...this.#running]) {
      if (this.#frozen) return;
      if (entry.prefillSteps > 0) {
        entry.prefillSteps -= 1;
        continue;
      }
      entry.tokens += 1;
      if (!entry.sequence.step()) this.remove(entry.sequence);
    }
    this.#preempt();
  }

  #admit(): void {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || this.#running.length >= this.#timing.maxRunning) return;
      const room = this.#timing.kvBlocks - this.#blocksUsed();
      if (blocks(next.tokens) > room && this.#running.length > 0) return;
      this.#waiting.shift();
      this.#running.push(next);
    }
  }

  /** What no longer fits goes back to the queue, the youngest first, and is prefilled again. */
  #preempt(): void {
    while (this.#running.length > 1 && this.#blocksUsed() > this.#timing.kvBlocks) {
      const youngest = this.#running.pop();
      if (youngest === undefined) return;
      this.preemptions += 1;
      this.#waiting.unshift(youngest);
    }
  }
}

function blocks(tokens: number): number {
  return Math.ceil(tokens / tokensPerBlock);
}
