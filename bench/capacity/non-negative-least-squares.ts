/**
 * The x >= 0 that minimises |A x - b|, by the active-set method of Lawson and Hanson (Solving Least Squares Problems,
 * 1974, chapter 23) on the normal equations. Written out here because it is sixty lines for ten unknowns, and the npm
 * packages for it are single-author and years old.
 */
export function nonNegativeLeastSquares(rows: readonly (readonly number[])[], b: readonly number[]): number[] {
  const size = rows[0]?.length ?? 0;
  const scale = columns(size).map((j) => Math.hypot(...rows.map((row) => at(row, j))) || 1);
  const gram = columns(size).map((i) =>
    columns(size).map((j) => sum(rows.map((row) => (at(row, i) / at(scale, i)) * (at(row, j) / at(scale, j))))),
  );
  const target = columns(size).map((j) => sum(rows.map((row, k) => (at(row, j) / at(scale, j)) * at(b, k))));
  let x = columns(size).map(() => 0);
  const active = new Set<number>();
  const tolerance = 1e-12 * Math.max(1, ...target.map(Math.abs));
  for (let round = 0; round < 10 * size; round += 1) {
    const gradient = target.map((value, i) => value - sum(x.map((xj, j) => at(at(gram, i), j) * xj)));
    const entering = columns(size)
      .filter((j) => !active.has(j) && at(gradient, j) > tolerance)
      .sort((i, j) => at(gradient, j) - at(gradient, i))[0];
    if (entering === undefined) break;
    active.add(entering);
    x = settle(gram, target, x, active);
  }
  return x.map((value, j) => value / at(scale, j));
}

/** Solves over the active columns; those that would turn negative leave, one at a time. */
function settle(
  gram: readonly (readonly number[])[],
  target: readonly number[],
  start: readonly number[],
  active: Set<number>,
): number[] {
  let x = [...start];
  for (;;) {
    const free = [...active].sort((i, j) => i - j);
    const solved = solve(
      free.map((i) => free.map((j) => at(at(gram, i), j))),
      free.map((i) => at(target, i)),
    );
    const wanted = new Map(free.map((j, k) => [j, at(solved, k)]));
    const blocked = free.filter((j) => (wanted.get(j) ?? 0) <= 0);
    if (blocked.length === 0) return x.map((_, j) => wanted.get(j) ?? 0);
    const step = Math.min(...blocked.map((j) => at(x, j) / (at(x, j) - (wanted.get(j) ?? 0)) || 0));
    x = x.map((value, j) => (active.has(j) ? value + step * ((wanted.get(j) ?? 0) - value) : 0));
    for (const j of blocked) if (at(x, j) <= 1e-14) active.delete(j);
  }
}

/** Gaussian elimination with row exchange. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, at(right, i)]);
  const size = rows.length;
  for (let i = 0; i < size; i += 1) {
    const pivot = columns(size)
      .slice(i)
      .sort((a, b) => Math.abs(at(at(rows, b), i)) - Math.abs(at(at(rows, a), i)))[0] as number;
    [rows[i], rows[pivot]] = [at(rows, pivot), at(rows, i)];
    for (let k = i + 1; k < size; k += 1) {
      const factor = at(at(rows, k), i) / at(at(rows, i), i);
      rows[k] = at(rows, k).map((value, j) => value - factor * at(at(rows, i), j));
    }
  }
  const x = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i -= 1) {
    const row = at(rows, i);
    x[i] = (at(row, size) - sum(columns(size).map((j) => (j > i ? at(row, j) * at(x, j) : 0)))) / at(row, i);
  }
  return x;
}

function columns(size: number): number[] {
  return Array.from({ length: size }, (_, j) => j);
}

function at<T>(list: readonly T[], index: number): T {
  return list[index] as T;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
