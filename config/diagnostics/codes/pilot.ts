import { entry } from "./entry.ts";

/** PLT-1xx: what is wrong with the ledger of a pilot. */
export const pilotCodes = {
  "PLT-101": entry<{ problem: string }>({
    severity: "error",
    summary: "The ledger cannot be read as a table",
    title: ({ problem }) => `The ledger cannot be read as a table: ${problem}.`,
    why: () =>
      "It has to be text in UTF-8 with one row a line and commas between cells (CSV), the names of the columns first.",
    fix: () =>
      "Start from the empty ledger that `freehold pilot plan --ledger FILE` writes, and export it as CSV with commas.",
    example: { problem: "it is empty" },
  }),
  "PLT-102": entry<{ problem: string; columns: readonly string[]; nearest: string | null }>({
    severity: "error",
    summary: "A column of the ledger is missing, unknown or there twice",
    title: ({ problem }) => `${problem}.`,
    why: ({ columns }) => `A ledger has these columns, in any order: ${columns.join(", ")}.`,
    fix: ({ nearest }) =>
      nearest === null ? "Take the first line from `freehold pilot plan --ledger FILE`." : `Did you mean ${nearest}?`,
    example: {
      problem: "The column tokens_in is not known",
      columns: ["start", "end", "option"],
      nearest: "input_tokens",
    },
  }),
  "PLT-103": entry<{ cells: number; columns: number }>({
    severity: "error",
    summary: "A row of the ledger has too many or too few cells",
    title: ({ cells, columns }) => `The row has ${cells} cells, and there are ${columns} columns.`,
    why: () => "With one cell too many or too few every figure behind it stands in the wrong column.",
    fix: () => "Write a cell for each column, empty where nothing was measured, and quote text that holds commas.",
    example: { cells: 12, columns: 14 },
  }),
  "PLT-104": entry<{ column: string; got: string; expected: string }>({
    severity: "error",
    summary: "A cell of the ledger holds no value that the column can have",
    title: ({ column, got }) => (got === "" ? `${column} is empty.` : `${column} is ${JSON.stringify(got)}.`),
    why: ({ expected }) => `The column holds ${expected}.`,
    fix: ({ column }) => `Correct ${column}, in digits with a point and without a unit or a separator of thousands.`,
    example: { column: "requests", got: "-3", expected: "a whole number from 0 on" },
  }),
  "PLT-105": entry<{ column: string; got: string; problem: string }>({
    severity: "error",
    summary: "A time of the ledger cannot be used",
    title: ({ column, got, problem }) => `${column} ${JSON.stringify(got)} cannot be used: ${problem}.`,
    why: () =>
      "Days are counted, and gaps and overlaps found, from the times; each has to say which hour is meant everywhere.",
    fix: () => "Write times as 2026-11-02T09:00:00+01:00 or 2026-11-02T08:00:00Z, the end after the start.",
    example: { column: "start", got: "2026-11-02 09:00", problem: "it has no offset from UTC" },
  }),
  "PLT-106": entry<{ first: string; other: string }>({
    severity: "error",
    summary: "The ledger mixes time zones",
    title: ({ first, other }) => `The ledger mixes times at ${first} and at ${other}.`,
    why: () =>
      "Rows of one day then fall on two, and the hours between them are counted twice or not at all. A change between summer and winter time does the same.",
    fix: ({ first }) => `Write all times at one offset: ${first}, or Z throughout.`,
    example: { first: "+01:00", other: "+02:00" },
  }),
  "PLT-107": entry<{ option: string; workload: string; line: number; kind: "duplicate" | "overlap" }>({
    severity: "error",
    summary: "Two rows of the ledger count the same time",
    title: ({ option, workload, line, kind }) =>
      kind === "duplicate"
        ? `The row repeats line ${line}: ${option} of "${workload}" at the same time.`
        : `The row overlaps line ${line}: ${option} of "${workload}" in the same hours.`,
    why: () => "What both count would be added twice to tokens and cost.",
    fix: () => "Remove one of them, or correct its times.",
    example: { option: "api", workload: "support", line: 12, kind: "duplicate" },
  }),
  "PLT-108": entry<{ option: string; workload: string; hours: number; from: string; to: string }>({
    severity: "warning",
    summary: "The ledger has a gap",
    title: ({ option, workload, hours, from, to }) =>
      `${hours} hours of ${option} for "${workload}" are missing, from ${from} to ${to}.`,
    why: () =>
      "A day with a gap does not count as a whole day, on neither side, so that both are compared over the same days.",
    fix: () => "Add the missing rows, with zeros where nothing happened, or let the pilot run longer.",
    example: {
      option: "self-hosted",
      workload: "support",
      hours: 6,
      from: "2026-11-05T00:00:00Z",
      to: "2026-11-05T06:00:00Z",
    },
  }),
  "PLT-109": entry<{ problem: string; known: readonly string[] }>({
    severity: "error",
    summary: "The ledger names an option or a workload that is not known",
    title: ({ problem }) => `${problem}.`,
    why: ({ known }) => `Known are: ${known.join(", ")}.`,
    fix: () => "Correct the name, or name the stack file that defines it with --file.",
    example: { problem: 'The workload "suport" is not in the stack file', known: ["support"] },
  }),
  "PLT-110": entry<{ problem: string }>({
    severity: "error",
    summary: "Figures of a row contradict each other",
    title: ({ problem }) => `${problem}.`,
    why: () => "Both cannot be true, and cost a token or a request is a quotient of them.",
    fix: () => "Correct the row, or how the two are counted.",
    example: { problem: "12 errors are more than 10 requests" },
  }),
  "PLT-111": entry<{ workload: string; missing: string }>({
    severity: "error",
    summary: "One of the two options is missing",
    title: ({ workload, missing }) => `The ledger has no row of ${missing} for "${workload}".`,
    why: () => "A pilot compares both over the same days; one alone proves nothing about the other.",
    fix: ({ missing }) => `Add the rows of ${missing}, or remove the workload from the ledger.`,
    example: { workload: "support", missing: "api" },
  }),
} as const;
