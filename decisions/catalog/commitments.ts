import type { Sourced } from "./sourced.ts";

/** What a promise to stay is worth, as the range that sources give. */
export interface Commitment extends Sourced {
  readonly what: string;
  readonly term: "1-year" | "3-year" | "by-term" | "spot";
  /** Share taken off the price on demand. Fractions of 1. */
  readonly discount: { readonly low: number; readonly high: number };
}

const quarterReport: Sourced = {
  source: "https://digiterialabs.com cloud-gpu-pricing-q1-2026 (first quarter of 2026)",
  asOf: "unknown",
};
const savingsPlans: Sourced = { source: "https://yobitel.com/knowledge-base/savings-plans", asOf: "unknown" };

/** Discounts for committed capacity. Ranges of whole product lines: no price by the year for a single instance was found. */
export const commitments: readonly Commitment[] = [
  { what: "H100, committed for a year", term: "1-year", discount: { low: 0.35, high: 0.4 }, ...quarterReport },
  { what: "H100, spot", term: "spot", discount: { low: 0.5, high: 0.65 }, ...quarterReport },
  { what: "AWS Compute Savings Plan", term: "1-year", discount: { low: 0.3, high: 0.45 }, ...savingsPlans },
  { what: "AWS Compute Savings Plan", term: "3-year", discount: { low: 0.5, high: 0.6 }, ...savingsPlans },
  { what: "Google Cloud flexible commitment", term: "1-year", discount: { low: 0, high: 0.28 }, ...savingsPlans },
  { what: "Google Cloud flexible commitment", term: "3-year", discount: { low: 0, high: 0.46 }, ...savingsPlans },
  { what: "Azure savings plan", term: "by-term", discount: { low: 0.3, high: 0.65 }, ...savingsPlans },
];
