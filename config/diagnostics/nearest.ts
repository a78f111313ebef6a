/**
 * The known word that a typing mistake most likely meant, or null when none is near: at most a third of the letters
 * differ, or the word is the beginning of a known one up to a hyphen (`nvidia-h100` of `nvidia-h100-sxm`). Case is ignored; words of two letters differ in nothing else. Two neighbouring letters that changed places count as one difference.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  const wanted = word.toLowerCase();
  // A word this long is no typing mistake of a key, and comparing it would cost its length for each key.
  if (wanted.length > 100) return null;
  const continued = known.find((candidate) => candidate !== word && candidate.toLowerCase().startsWith(`${wanted}-`));
  if (continued !== undefined && wanted !== "") return continued;
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    if (candidate === word) continue;
    const allowed = Math.floor(Math.max(wanted.length, candidate.length) / 3);
    if (Math.abs(candidate.length - wanted.length) > allowed) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters to insert, remove, replace or swap with a neighbour: the optimal string alignment distance. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforePrevious[j - 2] ?? 0) + 1);
      }
      current.push(least);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
