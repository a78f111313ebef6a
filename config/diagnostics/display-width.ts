// East Asian Wide and Fullwidth blocks and the emoji blocks, which terminals show two columns wide.
// Source: https://www.unicode.org/reports/tr11/ (as of 2026-11), by block: a caret needs no finer table.
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

/** Terminal columns that one character takes: 0, 1 or 2. */
export function displayWidth(character: string): 0 | 1 | 2 {
  const point = character.codePointAt(0) ?? 0;
  // Combining marks, variation selectors and joiners are drawn into the character before them.
  if (/^[\p{Mn}\p{Me}]$/u.test(character) || (point >= 0x200b && point <= 0x200d)) return 0;
  // Emoji outside those blocks, such as the check mark and the star. Two of the regional indicators make one flag.
  if (/^\p{Emoji_Presentation}$/u.test(character)) return /^\p{Regional_Indicator}$/u.test(character) ? 1 : 2;
  return wide.some(([first, last]) => point >= first && point <= last) ? 2 : 1;
}

/**
 * Text that a terminal shows as it stands: control characters become their pictures, marks that change the reading
 * direction become U+FFFD. A value of a file must not move the cursor or hide what follows.
 */
export function printable(text: string): string {
  return text.replace(
    /(?!\t)\p{Cc}|[\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029\ufeff]|\p{Cs}/gu,
    (character) => {
      const point = character.charCodeAt(0);
      if (point < 0x20) return String.fromCharCode(0x2400 + point);
      return point === 0x7f ? "\u2421" : "\ufffd";
    },
  );
}
