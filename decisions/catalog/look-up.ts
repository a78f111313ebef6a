/** The entry under `key`, or null: names from the file may be `constructor` or `__proto__`, which every object answers to. */
export function lookUp<T>(table: Readonly<Record<string, T>>, key: string): T | null {
  return Object.hasOwn(table, key) ? (table[key] ?? null) : null;
}
