import type { ResidencyConfig } from "./schema/index.ts";

/**
 * Whether a stack has the proxy that is its only way out: always where names decide who may be reached, never where nobody
 * may, and without a residency only when the file has the section.
 */
export function hasEgressProxy(residency: ResidencyConfig | undefined): boolean {
  switch (residency?.mode ?? "none") {
    case "none":
      return residency?.egress !== undefined;
    case "region-bound":
    case "sovereign":
      return true;
    case "air-gapped":
      return false;
  }
}
