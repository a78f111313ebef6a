/** Characters that are written for others: what is left is looked at, what came is cut out. */
const folds: ReadonlyMap<string, string> = new Map([
  ..."\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
    .split("")
    .map((space) => [space, " "] as const),
  ..."\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d".split("").map((dash) => [dash, "-"] as const),
  // Full-width forms of ASCII.
  ...Array.from(
    { length: 94 },
    (_, index) => [String.fromCharCode(0xff01 + index), String.fromCharCode(0x21 + index)] as const,
  ),
  // Arabic-Indic and Devanagari digits.
  ...[0x0660, 0x06f0, 0x0966].flatMap((zero) =>
    Array.from({ length: 10 }, (_, digit) => [String.fromCharCode(zero + digit), String(digit)] as const),
  ),
]);

/** Characters that are not seen and may stand within a number. */
const unseen = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/;
/** Escapes of JSON, which a text may hold that is JSON itself: a letter of one is no letter of the word after it. */
const jsonEscape = /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/y;
const anyOfThem = new RegExp(
  `\\\\|${unseen.source}|[${[...folds.keys()].map((key) => `\\u${key.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}]`,
);

/** A text as identifiers are looked for in it, and where each of its characters stands in the text that came. */
export interface FoldedText {
  readonly text: string;
  /** Offset into the text that came of what begins at `offset`; its length at the end. */
  at(offset: number): number;
}

/** Digits, spaces, dashes and letters in their plain form; unseen characters left out, escapes as what they mean. */
export function foldedText(text: string): FoldedText {
  if (!anyOfThem.test(text)) return { text, at: (offset) => offset };
  const offsets: number[] = [];
  let folded = "";
  for (let index = 0; index < text.length; index += 1) {
    let character = text[index] ?? "";
    const start = index;
    if (character === "\\") {
      jsonEscape.lastIndex = index;
      const [escaped] = jsonEscape.exec(text) ?? [];
      if (escaped !== undefined) {
        character = JSON.parse(`"${escaped}"`) as string;
        index += escaped.length - 1;
      }
    }
    if (unseen.test(character)) continue;
    folded += folds.get(character) ?? character;
    offsets.push(start);
  }
  return { text: folded, at: (offset) => offsets[offset] ?? text.length };
}
