/** What goes wrong, on command (`POST /sim/faults`) or for one request (header `x-sim-fault`, the same JSON). */
export type Fault =
  /** An error answer instead of work. */
  | { readonly kind: "status"; readonly status: number }
  /** The connection is closed before any answer. */
  | { readonly kind: "drop" }
  /** The first token comes this much later. */
  | { readonly kind: "slow-start"; readonly milliseconds: number }
  /**
   * The answer ends after `afterTokens` tokens: by an orderly close (`fin`), a reset (`rst`), by silence on an open
   * connection, or by silence and then a close without a last event, as llama.cpp does on SIGTERM.
   */
  | { readonly kind: "cut"; readonly how: Cut; readonly afterTokens: number; readonly milliseconds?: number }
  /** An event that is not JSON. */
  | { readonly kind: "malformed"; readonly afterTokens: number }
  /** A pause within the answer. */
  | { readonly kind: "stall"; readonly afterTokens: number; readonly milliseconds: number }
  /** The process kills itself. */
  | { readonly kind: "crash"; readonly afterTokens: number }
  /** No step is made any more, for any request, while `/health` goes on to answer 200. */
  | { readonly kind: "freeze"; readonly afterTokens: number }
  /** The answer is that of other weights: a replica that serves another version than its name says. */
  | { readonly kind: "wrong-version" }
  /** An error event within the stream, as vLLM sends it. */
  | { readonly kind: "error-event"; readonly afterTokens: number };

const cuts = ["fin", "rst", "silence", "freeze-close"] as const;
export type Cut = (typeof cuts)[number];

const amounts: Readonly<Record<Fault["kind"], readonly string[]>> = {
  status: ["status"],
  drop: [],
  "slow-start": ["milliseconds"],
  cut: ["afterTokens"],
  malformed: ["afterTokens"],
  stall: ["afterTokens", "milliseconds"],
  crash: ["afterTokens"],
  freeze: ["afterTokens"],
  "error-event": ["afterTokens"],
  "wrong-version": [],
};

/** The fault that `value` describes, or a sentence saying what is wrong with it. */
export function parseFault(value: unknown): Fault | string {
  if (typeof value !== "object" || value === null) return "A fault is an object with a `kind`.";
  const given = value as Record<string, unknown>;
  const needed = amounts[given.kind as Fault["kind"]];
  if (needed === undefined) return `There is no fault "${String(given.kind)}": ${Object.keys(amounts).join(", ")}.`;
  for (const key of needed) {
    if (typeof given[key] !== "number" || given[key] < 0)
      return `The fault "${String(given.kind)}" needs \`${key}\`, a number.`;
  }
  if (given.kind === "cut" && !cuts.includes(given.how as Cut)) return `\`how\` is one of ${cuts.join(", ")}.`;
  return given as unknown as Fault;
}

interface Standing {
  readonly fault: Fault;
  left: number;
}

/** Faults that wait for requests, first in, first out. */
export class FaultQueue {
  #standing: Standing[] = [];

  add(fault: Fault, times: number): void {
    this.#standing.push({ fault, left: times });
  }

  clear(): void {
    this.#standing = [];
  }

  /** How many requests will still meet a fault. */
  get waiting(): number {
    return this.#standing.reduce((sum, { left }) => sum + left, 0);
  }

  take(): Fault | null {
    const first = this.#standing[0];
    if (first === undefined) return null;
    first.left -= 1;
    if (first.left <= 0) this.#standing.shift();
    return first.fault;
  }
}
