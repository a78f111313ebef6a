const gib = 2 ** 30;

/** `61.0 GiB`: one decimal, and whole from 100 on, where a decimal says nothing. */
export function gibText(bytes: number): string {
  return `${gibNumber(bytes)} GiB`;
}

/** `61.0`, the figure alone. */
export function gibNumber(bytes: number): string {
  const amount = bytes / gib;
  return amount >= 100 || Number.isInteger(amount) ? String(Math.round(amount)) : amount.toFixed(1);
}

/** `90 s`, `25 min` or `2 h 05 min`, rounded up so that a limit never reads shorter than it is. */
export function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** `1 GPU`, `2 GPUs`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Code-point order: the same on every machine, whatever its locale. */
export function byName(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Entries of a map of the file in an order that does not depend on how the file is written. */
export function sortedEntries<T>(map: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(map).sort(([a], [b]) => byName(a, b));
}
