import { luhnHolds, remainder } from "./checksums.ts";
import { letteredIds, numericIds } from "./national-ids.ts";

export interface Span {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/** Letters before a number within which its name may stand. */
const nameReach = 48;
const mostDigits = 19;
/** Least of an identifier that is left where another one covers a part of it. */
const leastCharacters = 3;

/** Lengths of an IBAN by country. Source: SWIFT, IBAN Registry, release 99. */
const ibanLengths: Readonly<Record<string, number>> = Object.fromEntries(
  "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
    .split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** First digits of cards that are in use, with the lengths they come in. */
const cardNumbers = [
  /^4(?:\d{15}|\d{18})$/,
  /^(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}$/,
  /^3[47]\d{13}$/,
  /^3(?:0[0-5]|[68]\d)\d{11}$/,
  /^(?:6011|64[4-9]\d|65\d{2}|62\d{2}|35(?:2[89]|[3-8]\d))\d{12,15}$/,
  /^(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}$/,
];

const phoneNames =
  /(?:\b(?:tel|phone|telephone|mobile|mob|cell|call|fax|whatsapp|handy|telefon\p{L}*|mobil\p{L}*|rufnummer|anruf\p{L}*|téléphone|portable|appele\p{L}*|teléfono|móvil|cellulare|telefono|chiama\p{L}*|telefoon\p{L}*|bel|telemóvel|telefone|komórk\p{L}*)\b\.?|☎|📞)[^\d\n]{0,24}$/iu;

/** National forms: with a leading zero and a separator, as in most of Europe; 3-3-4 as in North America. */
const nationalPhones = [
  /^\(?0[1-9]\d{1,4}\)?[ /.-]\d{2,8}(?:[ .-]\d{1,8}){0,3}$/,
  /^0[1-9](?:[ .-]\d{2}){4}$/,
  /^\(?[2-9]\d{2}\)?[ .-] ?[2-9]\d{2}[ .-]\d{4}$/,
];

const keys: readonly RegExp[] = [
  /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\S]{1,8000}?-----END (?:[A-Z]+ )*PRIVATE KEY-----/g,
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/g,
  /\b(?:sk|pk|rk)[-_](?:(?:live|test|proj|ant|or|svcacct|admin)[-_])?[\w-]{20,}/g,
  /\b(?:gh[pousr]_\w{30,}|github_pat_\w{30,}|glpat-[\w-]{18,}|hf_\w{30,}|npm_\w{30,}|xox[abeprs]-[\w-]{10,}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|dop_v1_\w{40,}|SG\.[\w-]{16,}\.[\w-]{16,}|nvapi-[\w-]{30,}|pypi-[\w-]{30,})/g,
  /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b/g,
  /\bbearer\s+(?<value>[\w.~+/-]{16,}=*)/dgi,
  /(?:api[_-]?key|apikey|secret(?:[_-]?(?:access[_-]?)?key)?|access[_-]?(?:key|token)|auth[_-]?token|client[_-]?secret|token|password|passwd|pwd|passwort|kennwort|contraseña|mot de passe)["'`]?\s{0,4}(?:=>|:=|=|:)\s{0,4}["'`]?(?<value>[^\s"'`,;<>]{8,512})/dgiu,
  /:\/\/[^\s/:@]{1,64}:(?<value>[^\s/@]{4,256})@/dg,
];

/** All identifiers in a folded text, in order, without overlaps. */
export function identifiersOf(text: string): Span[] {
  const found: Span[] = [...keysOf(text), ...mailsOf(text)];
  if (/\d/.test(text)) found.push(...ibansOf(text), ...letteredOf(text), ...phonesOf(text), ...numbersOf(text));
  return withoutOverlaps(text, found);
}

/**
 * Spans in order, without overlaps. Of two that overlap, the longer one stays whole, and of equals the one that was found
 * first; what of the other one lies outside of it stays too: a number that swallowed the beginning of the next is none
 * the less a number.
 */
export function withoutOverlaps(text: string, found: readonly Span[]): Span[] {
  const ordered = found
    .map((span, order) => ({ span, order }))
    .sort((a, b) => b.span.end - b.span.start - (a.span.end - a.span.start) || a.order - b.order);
  const kept: Span[] = [];
  const taken = new Set<number>();
  for (const { span } of ordered) {
    let start = span.start;
    for (let at = span.start; at <= span.end; at += 1) {
      if (at < span.end && !taken.has(at)) continue;
      const part = trimmed(text, { ...span, start, end: at });
      if (part !== null) kept.push(part);
      start = at + 1;
    }
    for (let at = span.start; at < span.end; at += 1) taken.add(at);
  }
  return kept.sort((a, b) => a.start - b.start);
}

/** The span without signs and spaces around it; null where that leaves less than anybody could be known by. */
function trimmed(text: string, span: Span): Span | null {
  const isSign = (at: number) => /[^\p{L}\p{N}+]/u.test(text[at] ?? "");
  let { start, end } = span;
  const isWhole = (span.kind === "KEY" || span.kind === "MAIL") && end > start;
  if (isWhole) return span;
  while (end > start && isSign(end - 1) && text[end - 1] !== ")") end -= 1;
  while (start < end && isSign(start) && text[start] !== "(") start += 1;
  return end - start < leastCharacters ? null : { ...span, start, end };
}

function* keysOf(text: string): Iterable<Span> {
  for (const pattern of keys) {
    for (const match of text.matchAll(pattern)) {
      const [start, end] = match.indices?.groups?.value ?? [match.index, match.index + match[0].length];
      // A word in a sentence about passwords is none; a secret has a digit or a sign in it.
      if (match.groups?.value !== undefined && !/[\d!#$%&*+/=?@^_~-]/.test(match.groups.value)) continue;
      yield { kind: "KEY", start, end };
    }
  }
}

function* mailsOf(text: string): Iterable<Span> {
  const pattern =
    /(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}._%+'-]+(?:@|%40)(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.){1,8}\p{L}{2,24}/gu;
  for (const match of text.matchAll(pattern)) {
    const lead = /^['%._+-]*/.exec(match[0])?.[0].length ?? 0;
    yield { kind: "MAIL", start: match.index + lead, end: match.index + match[0].length };
  }
  const spelled =
    /(?<![\p{L}\p{N}._-])[\p{L}\p{N}._-]{1,64} ?[[({](?:at|@|ät|arroba|chiocciola)[\])}] ?[\p{L}\p{N}-]{1,63}(?: ?(?:[[({](?:dot|punkt|punto|point|\.)[\])}]|\.) ?[\p{L}\p{N}-]{1,63}){1,4}/giu;
  for (const match of text.matchAll(spelled))
    yield { kind: "MAIL", start: match.index, end: match.index + match[0].length };
}

function* ibansOf(text: string): Iterable<Span> {
  for (const match of text.matchAll(/(?<![\p{L}\p{N}])[A-Za-z]{2}[ -]?\d{2}(?=[ -]?[A-Za-z0-9])/gu)) {
    const length = ibanLengths[match[0].slice(0, 2).toUpperCase()];
    if (length === undefined) continue;
    let compact = "";
    let end = match.index;
    for (; end < text.length && compact.length < length; end += 1) {
      const character = text[end] ?? "";
      if (/[A-Za-z0-9]/.test(character)) compact += character;
      else if (!/[ .-]/.test(character) || !/[A-Za-z0-9]/.test(text[end + 1] ?? "")) break;
    }
    if (compact.length !== length || /[\p{L}\p{N}]/u.test(text[end] ?? "")) continue;
    const moved = (compact.slice(4) + compact.slice(0, 4)).toUpperCase();
    if (
      remainder(
        moved.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55)),
        97,
      ) === 1
    )
      yield { kind: "IBAN", start: match.index, end };
  }
}

function* letteredOf(text: string): Iterable<Span> {
  for (const { pattern, holds } of letteredIds) {
    for (const match of text.matchAll(
      new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern.source})(?![\\p{L}\\p{N}])`, "giu"),
    )) {
      // Finland's sign for a century is a part of the number, and a dash may be it.
      const compact = /^\d{6}[-+]/.test(match[0]) ? match[0] : match[0].replace(/[ .-]/g, "");
      if (holds(compact.toUpperCase())) yield { kind: "ID", start: match.index, end: match.index + match[0].length };
    }
  }
}

function* phonesOf(text: string): Iterable<Span> {
  for (const match of text.matchAll(/(?<![\p{L}\p{N}+])(?:\+|00)[1-9]\d{0,2}(?:[ ./()-]{0,3}\d){6,13}(?!\d)/gu)) {
    yield { kind: "PHONE", start: match.index, end: match.index + match[0].length };
  }
}

/** Cards, ids and national phone numbers: every run of groups of digits, each part of it that begins and ends with a group. */
function* numbersOf(text: string): Iterable<Span> {
  for (const run of text.matchAll(/(?<![\p{L}\p{N}_])\(?\d+(?:\)?[ ./-] ?\(?\d+)*(?![\p{L}\p{N}_])/gu)) {
    const groups = [...run[0].matchAll(/\d+/g)];
    for (const [first, from] of groups.entries()) {
      let digits = "";
      const sizes: number[] = [];
      for (const group of groups.slice(first, first + 10)) {
        digits += group[0];
        sizes.push(group[0].length);
        // A list of small numbers is a list; only the first group of an identifier may be a single digit.
        if (digits.length > mostDigits || from[0] === "0" || (sizes.length > 1 && group[0].length === 1)) break;
        if (digits.length < 7) continue;
        const start = run.index + from.index;
        const end = run.index + group.index + group[0].length;
        const kind = kindOf(digits, sizes, text, start, end, first === 0);
        if (kind !== null) yield { kind, start: kind === "PHONE" && text[start - 1] === "(" ? start - 1 : start, end };
      }
    }
  }
}

function kindOf(
  digits: string,
  sizes: readonly number[],
  text: string,
  start: number,
  end: number,
  isWholeRun: boolean,
): string | null {
  const before = text.slice(Math.max(0, start - nameReach), start);
  if (cardNumbers.some((pattern) => pattern.test(digits)) && luhnHolds(digits)) return "CARD";
  for (const id of numericIds) {
    if (id.digits !== digits.length || !id.holds(digits)) continue;
    const isWrittenSo = id.groups?.join() === sizes.join();
    if (id.names === undefined || isWrittenSo || id.names.test(before)) return "ID";
  }
  if (digits.length > 15) return null;
  const written = text.slice(text[start - 1] === "(" ? start - 1 : start, end);
  // What has fewer digits may as well be a date or an order, and what begins within a run a part of another number.
  if (isWholeRun && digits.length >= 9 && nationalPhones.some((pattern) => pattern.test(written))) return "PHONE";
  return isWholeRun && phoneNames.test(before) ? "PHONE" : null;
}
