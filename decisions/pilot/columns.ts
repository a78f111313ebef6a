/** Bounds of a figure; beyond them it is a mistake of unit. */
export interface Bounds {
  readonly most: number;
  readonly whole: boolean;
}

export interface Column {
  /** One sentence that ends with the unit. */
  readonly purpose: string;
  /** Whether the header has to name it. */
  readonly required: boolean;
  /** Whether a row may leave it empty, for what was not measured. */
  readonly mayBeEmpty: boolean;
  /** Null for text. */
  readonly bounds: Bounds | null;
}

const count: Bounds = { most: 1e10, whole: true };
const tokens: Bounds = { most: 1e14, whole: true };
const milliseconds: Bounds = { most: 3_600_000, whole: false };

function text(purpose: string, required = true): Column {
  return { purpose, required, mayBeEmpty: !required, bounds: null };
}

function figure(purpose: string, bounds: Bounds): Column {
  return { purpose, required: true, mayBeEmpty: false, bounds };
}

function measured(purpose: string, bounds: Bounds, required = true): Column {
  return { purpose, required, mayBeEmpty: true, bounds };
}

/** The columns of a ledger, in the order of an empty one. A row is one period of one workload on one option. */
export const columns = {
  start: text("When the period begins, with its offset from UTC: 2026-10-05T14:00:00+01:00."),
  end: text("When it ends: midnight of the same day at the latest."),
  workload: text("The workload, as the stack file calls it."),
  option: text("`api` for what is bought by the token, `self-host` for the stack."),
  requests: figure("Requests that were sent, failed ones included. Requests.", count),
  errors: figure("Requests that got no usable answer in the end. Requests.", count),
  input_tokens: figure("Input of all requests, the cached part included. Tokens.", tokens),
  cached_input_tokens: figure("Part of the input that was read from a cache. Tokens.", tokens),
  output_tokens: figure("Tokens that the model wrote. Tokens.", tokens),
  ttft_p95_ms: measured("Time to the first token that 95 of 100 requests kept. Milliseconds.", milliseconds),
  itl_p95_ms: measured("Inter-token latency that 95 of 100 requests kept. Milliseconds.", milliseconds),
  quality_score: measured("Mean score of the answers graded, 0 to 1.", { most: 1, whole: false }),
  quality_samples: measured("Answers graded. Answers.", count),
  engineer_hours: figure("Hours that people worked on this option, setting up left out. Hours.", {
    most: 1000,
    whole: false,
  }),
  gpu_hours: measured(
    "GPUs that were paid times hours, the spare included; only of `self-host`. Hours.",
    { most: 1e6, whole: false },
    false,
  ),
  cost_usd: measured(
    "What the period cost without people, from the bill. Left empty: computed from the stack file's prices. US dollars.",
    { most: 1e8, whole: false },
    false,
  ),
  currency: text("Currency of the cost: USD and no other. Left out: USD.", false),
} as const satisfies Readonly<Record<string, Column>>;

export type ColumnName = keyof typeof columns;

export const columnNames = Object.keys(columns) as ColumnName[];

/** The first line of every ledger. */
export const ledgerHeader = `${columnNames.filter((name) => name !== "currency").join(",")}\n`;
