/** All that is said about one permanent code. The texts take the user's own keys and values. */
export interface CodeEntry<P> {
  readonly severity: "error" | "warning";
  /** What the code stands for, as the heading of its page: a noun phrase without values. */
  readonly summary: string;
  /** What is wrong, in one sentence that is true alone. */
  title(parameters: P): string;
  /** Why it matters or where the limit comes from. Full sentences. */
  why(parameters: P): string;
  /** What to change. Full sentences, values allowed named. */
  fix(parameters: P): string;
  /** Parameters that show the texts on the reference page. */
  readonly example: P;
}

/** Checks an entry against its own parameter type and keeps that type. */
export function entry<P>(definition: CodeEntry<P>): CodeEntry<P> {
  return definition;
}
