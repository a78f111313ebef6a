const units = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];

/**
 * Bytes as the Kubernetes quantity that the API server hands back unchanged: the largest binary unit that divides
 * them. Any other spelling of the same amount would show up as a difference in every later plan.
 */
export function quantity(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && amount % 1024 === 0 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount}${units[unit] ?? ""}`;
}

/** Millicores as the quantity that the API server hands back unchanged. */
export function cores(millicores: number): string {
  return millicores % 1000 === 0 ? String(millicores / 1000) : `${millicores}m`;
}
