/** A name that its section does not define. */
export interface Unknown {
  readonly known: readonly string[];
  readonly nearest: string | null;
}

/** What to write instead of a name that `section` does not define. */
export function correction({ known, nearest }: Unknown, section: string): string {
  if (nearest !== null) return `Did you mean "${nearest}"?`;
  return known.length === 0 ? `Add it to ${section}.` : `Name one of these, or add it to ${section}.`;
}

/** What `section` does define. */
export function defined({ known }: Unknown, section: string): string {
  return known.length === 0 ? `${section} defines none.` : `${section} defines ${known.join(", ")}.`;
}
