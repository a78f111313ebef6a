import type { Decided, Reason } from "./blueprint.ts";

/** A decided value with its reasons; at least one, because a value without a ground cannot be reviewed. */
export function decided<T>(value: T, first: Reason, ...more: readonly Reason[]): Decided<T> {
  return { value, because: [first, ...more] };
}

/** A ground that lies in the files or the catalog, at `path`. */
export function because(path: string, text: string): Reason {
  return { path, text };
}

/** A ground that is a rule of Freehold's own. Its text says where the figure was published, or that nobody did. */
export function policy(text: string): Reason {
  return { path: "policy", text };
}

/** Grounds as lines of a Markdown list. */
export function reasonList(because: readonly Reason[]): string[] {
  return because.map(({ path, text }) => `- ${text} (${path === "policy" ? "policy" : `\`${path}\``})`);
}
