/** One request of a labelled set: what was known of it, and how both models did. */
export interface LabelledRequest {
  /** One-based line of the file. */
  readonly line: number;
  /** From the file, or the line's number. */
  readonly id: string;
  readonly promptTokens: number;
  /** What was known of the answer from inside before it was sent: higher is surer. */
  readonly signals: Readonly<Record<string, number>>;
  /** Score from 0 to 1. */
  readonly localCorrect: number;
  readonly frontierCorrect: number;
  /** Cost of the answers and of the checks. US dollars. */
  readonly localUsd: number;
  readonly frontierUsd: number;
  readonly verifierUsd: number;
}

interface Field {
  /** One sentence that ends with the unit. */
  readonly purpose: string;
  readonly isRequired: boolean;
  readonly wanted: string;
  /** The value as a number; null where it does not fit. */
  read(value: unknown): number | null;
}

const score: Pick<Field, "wanted" | "read"> = {
  wanted: "true, false or a number from 0 to 1",
  read: (value) => {
    if (typeof value === "boolean") return value ? 1 : 0;
    return typeof value === "number" && value >= 0 && value <= 1 ? value : null;
  },
};

function amount(most: number, unit: string, isWhole = false): Pick<Field, "wanted" | "read"> {
  return {
    wanted: `a ${isWhole ? "whole " : ""}number from 0 to ${most}, ${unit}`,
    read: (value) =>
      typeof value === "number" && value >= 0 && value <= most && (!isWhole || Number.isInteger(value)) ? value : null,
  };
}

/** The figures of a request, in the order of the how-to page. `id` and `signals` come besides. */
export const fields = {
  promptTokens: { purpose: "Length of the prompt. Tokens.", isRequired: true, ...amount(1e7, "in tokens", true) },
  localCorrect: {
    purpose: "Whether the model inside answered rightly: true, false, or a score from 0 to 1.",
    isRequired: true,
    ...score,
  },
  frontierCorrect: { purpose: "The same of the other model, by the same grader.", isRequired: true, ...score },
  localUsd: {
    purpose: "What the answer from inside cost. US dollars.",
    isRequired: true,
    ...amount(1000, "in US dollars"),
  },
  frontierUsd: {
    purpose: "What the other answer cost. US dollars.",
    isRequired: true,
    ...amount(1000, "in US dollars"),
  },
  verifierUsd: {
    purpose: "What checking the answer cost. US dollars. Left out: nothing.",
    isRequired: false,
    ...amount(1000, "in US dollars"),
  },
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof fields;
export const fieldNames = Object.keys(fields) as FieldName[];

export const labelLimits = { bytes: 64_000_000, requests: 100_000, least: 100, findingsOfOneCode: 10 } as const;
