function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}

/**
 * One line of JSON whose keys are sorted at every depth. As the single `values` string of a Helm release it makes
 * Terraform show a nested diff, and a key that merely moved shows none.
 */
export function sortedJson(value: unknown): string {
  return JSON.stringify(sortKeys(value));
}
