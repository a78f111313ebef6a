/** What a pilot is planned and judged by. Freehold's own policy, except where a source is named; ADR 0017. */
export const pilotRules = {
  /** Days that a pilot runs, two more than are needed. Days. */
  days: 30,
  /** Fewer weeks give an interval that is wider than any saving. Whole weeks. */
  leastWeeks: 4,
  /** Probability that an interval holds what it estimates. Fraction of 1. */
  confidence: 0.95,
  /** Requests of the two options may differ by this much on a day. Fraction of 1. */
  requestDifference: 0.05,
  /** How much worse the mean score of self-hosting may be. Score from 0 to 1. */
  qualityTolerance: 0.03,
  /** Standard deviation of the difference of two scores of one request: passed or not, and 12 in 100 disagree. */
  scoreDeviation: 0.35,
  /** How much larger its share of errors may be. Fraction of 1. */
  errorTolerance: 0.01,
  /** Share of the requests that has to fall into periods whose p95 keeps the objective. Fraction of 1. */
  requestsWithinObjective: 0.95,
  /** Hours that the cost of an engineer's month is spread over. Hours. */
  engineerHoursPerMonth: 160,
  /** More weeks than this are no pilot. Weeks. */
  mostWeeks: 52,
} as const;
