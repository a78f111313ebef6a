import { createHash } from "node:crypto";
import type { Json } from "./request-fields.ts";

/** Backends that a prompt may take down before it is refused. */
const deathsUntilQuarantine = 2;
const quarantineMilliseconds = 600_000;
const mostPrompts = 10_000;

/** Prompts under whose work backends broke off. One that was answered since is cleared. */
export class PoisonWatch {
  readonly #now: () => number;
  readonly #marks = new Map<string, { readonly backends: Set<string>; at: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  static keyOf(body: Json): string {
    return createHash("sha256")
      .update(JSON.stringify([body.model, body.messages ?? body.prompt ?? body.input]))
      .digest("base64");
  }

  brokeOff(key: string, backend: string): void {
    const mark = this.#marks.get(key) ?? { backends: new Set<string>(), at: 0 };
    mark.backends.add(backend);
    mark.at = this.#now();
    this.#marks.delete(key);
    this.#marks.set(key, mark);
    const oldest = this.#marks.keys().next().value;
    if (this.#marks.size > mostPrompts && oldest !== undefined) this.#marks.delete(oldest);
  }

  answered(key: string): void {
    this.#marks.delete(key);
  }

  /** True while the prompt is to reach no further backend. */
  isQuarantined(key: string): boolean {
    const mark = this.#marks.get(key);
    return (
      mark !== undefined &&
      mark.backends.size >= deathsUntilQuarantine &&
      this.#now() - mark.at < quarantineMilliseconds
    );
  }

  /** Whether nothing is marked: then no key need be computed. */
  get isEmpty(): boolean {
    return this.#marks.size === 0;
  }
}
