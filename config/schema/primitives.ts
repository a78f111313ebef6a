import * as z from "zod";

/** The forms of text that the file uses, for the schema and for the findings that explain them. */
export const patterns = {
  name: /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
  word: /^[a-z][a-z0-9]*$/,
  duration: /^[1-9][0-9]*(s|m|h)$/,
  memory: /^[0-9]+(\.[0-9]+)?(MiB|GiB|TiB)$/,
  latency: /^[1-9][0-9]*(ms|s)$/,
  percentage: /^(100|[0-9]{1,2}(\.[0-9]{1,4})?)%$/,
  repository: /^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/,
} as const;

/**
 * A name that becomes part of Kubernetes names: lower-case letters, digits and hyphens, starting with a letter
 * (Service names must), at most 40 characters, so that `<model>-<version>` and its suffixes stay inside 63.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export const name = z.string().regex(patterns.name).max(40);

/** A name that others are built on. Its limit is the only one: a second would be a second finding for one text. */
export const shortName = z.string().regex(patterns.name).max(20);

/** A short name without hyphens: behind a name and a hyphen it still shows where the name ends. */
export const shortWord = z.string().regex(patterns.word).max(20);

const secondsPerUnit = { s: 1, m: 60, h: 3600 } as const;
const bytesPerUnit = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** `30s`, `10m` or `1h`; read as seconds. */
export const duration = z.string().regex(patterns.duration);

/** `50ms` or `1s`; read as milliseconds. */
export const latency = z.string().regex(patterns.latency);

/** `99.5%`. */
export const percentage = z.string().regex(patterns.percentage);

/** `512MiB`, `80GiB` or `1.5TiB`; read as bytes. 1 GiB is 1024^3 bytes. */
export const memory = z.string().regex(patterns.memory);

/** A repository of the Hugging Face hub, `owner/name`. */
export const repository = z.string().regex(patterns.repository);

/** Seconds in a duration that the schema has accepted. */
export function seconds(text: string): number {
  const unit = text.at(-1) as keyof typeof secondsPerUnit;
  return Number(text.slice(0, -1)) * secondsPerUnit[unit];
}

/** Milliseconds in a latency that the schema has accepted. */
export function milliseconds(text: string): number {
  return text.endsWith("ms") ? Number(text.slice(0, -2)) : Number(text.slice(0, -1)) * 1000;
}

/** Bytes in an amount of memory that the schema has accepted. */
export function bytes(text: string): number {
  const unit = text.slice(-3) as keyof typeof bytesPerUnit;
  return Math.round(Number(text.slice(0, -3)) * bytesPerUnit[unit]);
}
