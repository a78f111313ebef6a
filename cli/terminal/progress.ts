import type { Terminal } from "./terminal.ts";

export interface StepRecord {
  readonly label: string;
  readonly seconds: number;
  readonly outcome: string;
}

interface OpenStep {
  readonly label: string;
  readonly startedAt: number;
  readonly estimateSeconds: number | undefined;
  fraction: number | null;
  detail: string;
  printedAt: number;
}

const redrawMilliseconds = 120;
const heartbeatMilliseconds = 15_000;
const barWidth = 24;

/**
 * Shows on stderr which steps run, how far they are and how long they take, and remembers it for the closing table.
 * A person sees one line redrawn; a log gets a line when a step begins, every 15 s, and when it ends.
 */
export class ProgressReport {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #open = new Map<string, OpenStep>();
  readonly #finished: StepRecord[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  /** Steps that have ended, in that order. */
  get finished(): readonly StepRecord[] {
    return this.#finished;
  }

  begin(step: { readonly id: string; readonly label: string; readonly estimateSeconds?: number }): void {
    const { id, label, estimateSeconds } = step;
    const now = this.#now();
    this.#open.set(id, { label, startedAt: now, estimateSeconds, fraction: null, detail: "", printedAt: now });
    if (!this.#terminal.interactive) {
      const estimate = estimateSeconds === undefined ? "" : `, about ${spokenSeconds(estimateSeconds)}`;
      this.#terminal.stderr.write(`- ${label}${estimate}\n`);
    }
    this.#timer ??= setInterval(() => this.#draw(), this.#terminal.interactive ? redrawMilliseconds : 1000).unref();
  }

  advance(id: string, fraction: number | null, detail = ""): void {
    const step = this.#open.get(id);
    if (step === undefined) return;
    step.fraction = fraction;
    step.detail = detail;
  }

  end(id: string, outcome = "done"): void {
    const step = this.#open.get(id);
    if (step === undefined) return;
    this.#open.delete(id);
    const seconds = (this.#now() - step.startedAt) / 1000;
    this.#finished.push({ label: step.label, seconds, outcome });
    this.#erase();
    this.#terminal.stderr.write(`+ ${step.label}: ${outcome}, ${spokenSeconds(seconds)}\n`);
    if (this.#open.size === 0) this.#stopTimer();
  }

  /** The result of `work`, shown as one step that ends whatever happens. */
  async during<T>(id: string, label: string, work: () => Promise<T>, outcome: (result: T) => string): Promise<T> {
    this.begin({ id, label });
    try {
      const result = await work();
      this.end(id, outcome(result));
      return result;
    } catch (error) {
      this.end(id, "failed");
      throw error;
    }
  }

  /** Removes what is drawn, for a message or the end. Open steps stay open. */
  close(): void {
    this.#erase();
    this.#stopTimer();
  }

  #stopTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #erase(): void {
    if (this.#terminal.interactive) this.#terminal.stderr.write("\r\u001b[K");
  }

  #draw(): void {
    const now = this.#now();
    if (this.#terminal.interactive) {
      const latest = [...this.#open.values()].at(-1);
      if (latest === undefined) return;
      const others = this.#open.size > 1 ? ` (and ${this.#open.size - 1} more)` : "";
      this.#terminal.stderr.write(`\r\u001b[K  ${stepLine(latest, now)}${others}`.slice(0, 118));
      return;
    }
    for (const step of this.#open.values()) {
      if (now - step.printedAt < heartbeatMilliseconds) continue;
      step.printedAt = now;
      this.#terminal.stderr.write(`  ${stepLine(step, now)}\n`);
    }
  }
}

function stepLine(step: OpenStep, now: number): string {
  const elapsedSeconds = (now - step.startedAt) / 1000;
  const parts = [step.label];
  if (step.fraction !== null) {
    const filled = Math.round(step.fraction * barWidth);
    parts.push(`[${"#".repeat(filled)}${".".repeat(barWidth - filled)}] ${Math.floor(step.fraction * 100)} %`);
  }
  parts.push(spokenSeconds(elapsedSeconds));
  // Below a tenth of the work the measured speed says too little; the estimate stands until then.
  const remaining =
    step.fraction !== null && step.fraction >= 0.1
      ? (elapsedSeconds / step.fraction) * (1 - step.fraction)
      : step.estimateSeconds === undefined
        ? null
        : step.estimateSeconds - elapsedSeconds;
  // A step that says how far it is says how long it takes, too: it knows its work better.
  if (step.detail === "" && remaining !== null && remaining > 0) parts.push(`about ${spokenSeconds(remaining)} left`);
  if (step.detail !== "") parts.push(step.detail);
  return parts.join("  ");
}

/** `0.4 s`, `12 s`, `4 min 5 s`. */
export function spokenSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
