import { type Code, type CodeParameters, codes } from "./codes.ts";

/** Keys and indexes from the root of a yaml file, as written there. */
export type ConfigPath = readonly (string | number)[];

export type Severity = "error" | "warning";

/** A second place that the reader needs to see: the other side of a contradiction. */
export interface RelatedPlace {
  readonly path: ConfigPath;
  readonly text: string;
  /** Left out: the file of the finding itself, or the stack file when that is outside the files. */
  readonly file?: "stack" | "lock";
  /** Whether the key or the value is meant. Left out: the value. */
  readonly token?: "key" | "value";
}

/** Where a finding points. Exactly one of the three forms. */
export type Place =
  /** A node of a yaml file; `token` says whether the caret marks its key or its value (default). */
  | { readonly file: "stack" | "lock"; readonly path: ConfigPath; readonly token?: "key" | "value" }
  /** Character offsets into a file: of a pilot's ledger, of a labelled set, and of a yaml file for text that never became a node. */
  | { readonly file: "stack" | "lock" | "ledger" | "labels"; readonly offsets: readonly [start: number, end: number] }
  /** Something outside the files: a tool, a cluster, a port. Printed as it stands. */
  | { readonly subject: string };

/** One thing the user must know, in a form that prints the same way wherever it was found. */
export interface Finding {
  readonly code: Code;
  readonly severity: Severity;
  readonly place: Place;
  /** One sentence that is true alone. */
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  readonly also: readonly RelatedPlace[];
}

/** A place in the stack file. */
export function at(path: ConfigPath, token: "key" | "value" = "value"): Place {
  return { file: "stack", path, token };
}

/** The finding that `code` describes, with its texts filled in from `parameters`. */
export function finding<C extends Code>(
  code: C,
  place: Place,
  parameters: CodeParameters<C>,
  also: readonly RelatedPlace[] = [],
): Finding {
  // Each entry is checked against its own parameters where it is defined; the map's value type cannot express that.
  const entry = codes[code] as (typeof codes)[Code] & {
    title(p: unknown): string;
    why(p: unknown): string;
    fix(p: unknown): string;
  };
  return {
    code,
    severity: entry.severity,
    place,
    title: entry.title(parameters),
    why: entry.why(parameters),
    fix: entry.fix(parameters),
    also,
  };
}

/** True when nothing among the findings forbids going on. */
export function passes(findings: readonly Finding[]): boolean {
  return findings.every(({ severity }) => severity !== "error");
}
