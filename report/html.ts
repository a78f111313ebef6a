/** Text that is HTML already; everything else is escaped where it enters a page. Only `html` and `trusted` make it. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Part = Html | string | number | null | readonly Part[];

/** A piece of a page. Strings and numbers put into it are escaped, pieces are not, lists are joined, null is nothing. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(literals.map((literal, index) => literal + partText(parts[index] ?? null)).join(""));
}

/** Markup made by a program that escapes for itself, or written in the sources. */
export function trusted(text: string): Html {
  return new Html(text);
}

/** Prose of Freehold's own, in which keys of the file stand between backticks. */
export function prose(text: string): Html {
  return html`${text.split("`").map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : piece))}`;
}

function partText(part: Part): string {
  if (part === null) return "";
  if (part instanceof Html) return part.toString();
  if (typeof part === "number" || typeof part === "string") return escapeText(String(part));
  return part.map(partText).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Text as a page shows it, inside an element or a quoted attribute. Characters that no page may hold, and marks that turn
 * the reading direction of what follows, become U+FFFD.
 */
export function escapeText(text: string): string {
  return text
    .replace(/(?![\t\n])\p{Cc}|\p{Cs}|[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff\ufffe\uffff]/gu, "\ufffd")
    .replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
