/**
 * A map of the file before its keys are in it. It has no prototype: a key is found only if the file has it. As a number it
 * is none: checks of lengths compare `length` with one, and of a map under that key they would otherwise throw.
 */
export function emptyMap(): Record<string, unknown> {
  return Object.defineProperty(Object.create(null), Symbol.toPrimitive, { value: () => Number.NaN });
}
