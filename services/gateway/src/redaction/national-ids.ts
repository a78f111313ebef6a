import {
  isBirthday,
  luhnHolds,
  mod11And2Holds,
  mod11And10Holds,
  remainder,
  verhoeffHolds,
  weighted,
} from "./checksums.ts";

/** A number that consists of digits alone, written with or without separators. */
export interface NumericId {
  readonly digits: number;
  /** Groups as it is usually written, `3 3 4`; a number without a strong checksum counts only so or beside its name. */
  readonly groups?: readonly number[];
  readonly names?: RegExp;
  holds(digits: string): boolean;
}

/** An id with letters in it. */
export interface LetteredId {
  readonly pattern: RegExp;
  holds(compact: string): boolean;
}

const two = (digits: string, at: number) => Number(digits.slice(at, at + 2));

/**
 * Germany: tax number of a person. Of the first ten digits exactly one occurs twice or three times.
 * @see https://www.bzst.de (Steuerliche Identifikationsnummer)
 */
function germanTaxId(digits: string): boolean {
  if (digits.startsWith("0")) return false;
  const counts = [..."0123456789"].map((digit) => digits.slice(0, 10).split(digit).length - 1);
  const repeated = counts.filter((count) => count > 1);
  return repeated.length === 1 && (repeated[0] ?? 0) <= 3 && mod11And10Holds(digits);
}

/** Poland: PESEL; the century is coded in the month. */
function pesel(digits: string): boolean {
  return (
    isBirthday(two(digits, 4), two(digits, 2) % 20) &&
    (10 - (weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === Number(digits[10])
  );
}

/** Belgium: national number; for births from 2000 on a 2 is put before it. */
function belgianNumber(digits: string): boolean {
  const check = Number(digits.slice(9));
  const month = two(digits, 2) % 20;
  if (month > 12 || two(digits, 4) > 31) return false;
  return [digits.slice(0, 9), `2${digits.slice(0, 9)}`].some((body) => 97 - remainder(body, 97) === check);
}

/** Brazil: CPF, two check digits. */
function cpf(digits: string): boolean {
  if (/^(\d)\1{10}$/.test(digits)) return false;
  const check = (length: number) => {
    const weights = Array.from({ length }, (_, index) => length + 1 - index);
    return ((weighted(digits, weights) * 10) % 11) % 10;
  };
  return check(9) === Number(digits[9]) && check(10) === Number(digits[10]);
}

/** France: NIR of 13 digits and a key of two; Corsica's letters are read as digits before. */
function nir(digits: string): boolean {
  const month = two(digits, 3);
  return (
    /^[1278]/.test(digits) &&
    ((month >= 1 && month <= 12) || month >= 20) &&
    97 - remainder(digits.slice(0, 13), 97) === Number(digits.slice(13))
  );
}

/** Switzerland: AHV number, an EAN-13 that begins with 756. */
function ahv(digits: string): boolean {
  const sum = weighted(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
  return digits.startsWith("756") && (10 - (sum % 10)) % 10 === Number(digits[12]);
}

function nhs(digits: string): boolean {
  const check = 11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return check !== 10 && (check === 11 ? 0 : check) === Number(digits[9]);
}

function bsn(digits: string): boolean {
  return digits !== "000000000" && (weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) - Number(digits[8])) % 11 === 0;
}

/** United States: SSN. It has no checksum, only ranges that were never given out. */
function ssn(digits: string): boolean {
  return !/^(000|666|9)|^...00|0000$/.test(digits);
}

function swedishNumber(digits: string): boolean {
  const short = digits.slice(-10);
  // A co-ordination number adds 60 to the day.
  return isBirthday(two(short, 4) % 60, two(short, 2)) && luhnHolds(short);
}

export const numericIds: readonly NumericId[] = [
  { digits: 11, holds: germanTaxId },
  { digits: 11, holds: pesel },
  { digits: 11, holds: belgianNumber },
  { digits: 11, holds: cpf },
  { digits: 15, holds: nir },
  { digits: 13, holds: ahv },
  {
    digits: 12,
    groups: [4, 4, 4],
    names: /aadhaar|aadhar|uidai|आधार/i,
    holds: (digits) => /^[2-9]/.test(digits) && verhoeffHolds(digits),
  },
  { digits: 10, groups: [3, 3, 4], names: /\bnhs\b/i, holds: nhs },
  { digits: 9, names: /\bbsn\b|burgerservicenummer|sofinummer/i, holds: bsn },
  { digits: 9, groups: [3, 2, 4], names: /\bssn\b|social security|\bitin\b/i, holds: ssn },
  { digits: 10, groups: [6, 4], names: /person ?nummer|personnr|samordningsnummer|\bpnr\b/i, holds: swedishNumber },
  {
    digits: 12,
    groups: [8, 4],
    names: /person ?nummer|personnr|samordningsnummer|\bpnr\b/i,
    holds: (digits) => /^(19|20)/.test(digits) && swedishNumber(digits),
  },
];

/** Spain: DNI and NIE. */
function spanishId(compact: string): boolean {
  const digits = compact.slice(0, -1).replace(/^[XYZ]/, (letter) => String("XYZ".indexOf(letter)));
  return "TRWAGMYFPDXBNJZSQVHLCKE"[Number(digits) % 23] === compact.at(-1);
}

const oddValues: Readonly<Record<string, number>> = Object.fromEntries(
  [..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((character, index) => [
    character,
    [
      1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10,
      22, 25, 24, 23,
    ][index] ?? 0,
  ]),
);

/** Italy: codice fiscale. */
function codiceFiscale(compact: string): boolean {
  const value = (character: string) => (/\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65);
  const sum = [...compact.slice(0, 15)].reduce(
    (total, character, index) => total + (index % 2 === 0 ? (oddValues[character] ?? 0) : value(character)),
    0,
  );
  return String.fromCharCode(65 + (sum % 26)) === compact[15];
}

/** Finland: henkilötunnus, with the century's signs of 2023. */
function henkilotunnus(compact: string): boolean {
  const digits = compact.slice(0, 6) + compact.slice(7, 10);
  return (
    isBirthday(two(digits, 0), two(digits, 2)) && "0123456789ABCDEFHJKLMNPRSTUVWXY"[Number(digits) % 31] === compact[10]
  );
}

/** Germany: pension insurance number; the letter counts as two digits, products by their cross sums. */
function germanInsuranceNumber(compact: string): boolean {
  const letter = String(compact.charCodeAt(8) - 64).padStart(2, "0");
  const digits = compact.slice(0, 8) + letter + compact.slice(9, 11);
  const weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
  const sum = weights.reduce((total, weight, index) => {
    const product = weight * Number(digits[index]);
    return total + Math.floor(product / 10) + (product % 10);
  }, 0);
  return sum % 10 === Number(compact[11]) && isBirthday(two(compact, 2), two(compact, 4));
}

/** United Kingdom: national insurance number. No checksum; some prefixes were never given out. */
function nino(compact: string): boolean {
  return !/^(BG|GB|KN|NK|NT|TN|ZZ)/.test(compact);
}

export const letteredIds: readonly LetteredId[] = [
  { pattern: /[XYZ\d][ .-]?\d(?:[ .]?\d){6}[ -]?[A-HJ-NP-TV-Z]/gi, holds: spanishId },
  {
    pattern: /[A-Z]{3} ?[A-Z]{3} ?[\dLMNP-V]{2}[A-EHLMPR-T][\dLMNP-V]{2} ?[A-Z][\dLMNP-V]{3} ?[A-Z]/gi,
    holds: codiceFiscale,
  },
  { pattern: /\d{6}[-+A-FU-Y]\d{3}[\dA-FHJ-NPR-Y]/gi, holds: henkilotunnus },
  { pattern: /\d{2} ?\d{6} ?[A-Z] ?\d{2} ?\d/gi, holds: germanInsuranceNumber },
  { pattern: /[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]/gi, holds: nino },
  // China: resident identity number, whose check character may be an X.
  { pattern: /[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]/gi, holds: mod11And2Holds },
];
