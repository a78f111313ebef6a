import { codeFrame } from "./code-frame.ts";
import { printable } from "./display-width.ts";
import type { Finding, Place, RelatedPlace } from "./finding.ts";
import { Locator, type Span } from "./locate.ts";

/** A file as it was read: the name to print and the text that offsets and paths refer to. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** The files that findings point into. */
export interface SourceFiles {
  readonly stack?: SourceFile | undefined;
  readonly lock?: SourceFile | undefined;
  readonly ledger?: SourceFile | undefined;
  /** The labelled set of a calibration. */
  readonly labels?: SourceFile | undefined;
}

/** One finding for a program to read. Lines and columns are one-based; `file` is null for what lies outside the files. */
export interface FindingJson {
  readonly file: string | null;
  readonly subject: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly endColumn: number | null;
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  readonly also: readonly { file: string; line: number; column: number; text: string }[];
  readonly docs: string;
}

interface Located {
  readonly finding: Finding;
  readonly source: { file: SourceFile; locator: Locator; span: Span } | null;
}

type FilePlace = Exclude<Place, { subject: string }>;

/**
 * The screen for a run's findings: errors in file order, then warnings in file order, then their counts. Empty text
 * for none. Long sentences are not wrapped: terminals do that, and a wrapped one cannot be searched for.
 */
export function renderFindings(
  findings: readonly Finding[],
  { files, color }: { readonly files: SourceFiles; readonly color: boolean },
): string {
  if (findings.length === 0) return "";
  const { located, positionOf } = locate(findings, files);
  const paint = color
    ? (code: string, text: string) => `\u001b[${code}m${text}\u001b[0m`
    : (_: string, text: string) => text;
  const blocks = located.map(({ finding, source }) => {
    const mark = finding.severity === "error" ? "31" : "33";
    const where = source === null ? subjectOf(finding.place) : placeText(source.file, source.locator, source.span);
    const lines = [`${paint("1", printable(where))}  ${paint(mark, finding.code)}  ${printable(finding.title)}`, ""];
    if (source !== null) {
      const frame = codeFrame(source.locator, source.span);
      lines.push(...frame.lines, paint(mark, frame.caret));
    }
    for (const place of finding.also) {
      const at = positionOf(finding.place, place);
      if (at !== null) lines.push(`  also ${placeText(at.file, at.locator, at.span)}  ${printable(place.text)}`);
    }
    if (lines.at(-1) !== "") lines.push("");
    lines.push(`  Why: ${paragraph(finding.why)}`, `  Fix: ${paragraph(finding.fix)}`, `  More: ${docsLink(finding)}`);
    return lines.join("\n");
  });
  return `${[...blocks, counts(findings)].join("\n\n")}\n`;
}

/** The same findings, in the same order, for `--json`. */
export function toJson(findings: readonly Finding[], files: SourceFiles): FindingJson[] {
  const { located, positionOf } = locate(findings, files);
  return located.map(({ finding, source }) => {
    const start = source?.locator.position(source.span.start) ?? null;
    const end = source?.locator.position(source.span.end) ?? null;
    return {
      file: source?.file.name ?? null,
      subject: source === null ? subjectOf(finding.place) : null,
      line: start?.line ?? null,
      column: start?.column ?? null,
      endLine: end?.line ?? null,
      endColumn: end?.column ?? null,
      code: finding.code,
      severity: finding.severity,
      title: finding.title,
      why: finding.why,
      fix: finding.fix,
      also: finding.also.flatMap((place) => {
        const at = positionOf(finding.place, place);
        if (at === null) return [];
        return [{ file: at.file.name, ...at.locator.position(at.span.start), text: place.text }];
      }),
      docs: docsLink(finding),
    };
  });
}

/** The same as text for machines, ending in a newline. */
export function jsonText(findings: readonly Finding[], files: SourceFiles): string {
  return `${JSON.stringify(toJson(findings, files), null, 2)}\n`;
}

/** `2 errors, 1 warning`: what a run found. */
function counts(findings: readonly Finding[]): string {
  const count = (severity: Finding["severity"]) => {
    const n = findings.filter((finding) => finding.severity === severity).length;
    return n === 0 ? [] : [`${n} ${severity}${n === 1 ? "" : "s"}`];
  };
  return [...count("error"), ...count("warning")].join(", ");
}

function locate(findings: readonly Finding[], files: SourceFiles) {
  const locators: Partial<Record<keyof SourceFiles, Locator>> = {};
  const sourceOf = (place: FilePlace) => {
    const file = files[place.file];
    if (file === undefined) return null;
    locators[place.file] ??= new Locator(file.text);
    const locator = locators[place.file] ?? new Locator(file.text);
    return { file, locator, span: locator.span(place) };
  };
  const positionOf = (of: Place, { path, token, file }: RelatedPlace) => {
    // A path leads through yaml only.
    const own = "file" in of && of.file !== "ledger" && of.file !== "labels" ? of.file : "stack";
    return sourceOf({ file: file ?? own, path, token: token ?? "value" });
  };
  const located: Located[] = findings.map((finding) => ({
    finding,
    source: "subject" in finding.place ? null : sourceOf(finding.place),
  }));
  // The stack file, the lock, the ledger, the labelled set, then what lies outside; the sort is stable, so equal places keep the order they were found in.
  const order = { stack: 0, lock: 1, ledger: 2, labels: 3 } as const;
  const rank = ({ finding: { place } }: Located) => ("subject" in place ? 4 : order[place.file]);
  const severity = ({ finding }: Located) => (finding.severity === "error" ? 0 : 1);
  located.sort(
    (a, b) =>
      severity(a) - severity(b) || rank(a) - rank(b) || (a.source?.span.start ?? 0) - (b.source?.span.start ?? 0),
  );
  return { located, positionOf };
}

/** What stands for the place of a finding that has no line: its subject, or the path in a file that was not given. */
function subjectOf(place: Place): string {
  if ("subject" in place) return place.subject;
  return { stack: "stack.yaml", lock: "stack.lock.yaml", ledger: "ledger.csv", labels: "answers.jsonl" }[place.file];
}

function placeText({ name }: SourceFile, locator: Locator, span: Span): string {
  const { line, column } = locator.position(span.start);
  return `${name}:${line}:${column}`;
}

/**
 * A text of several lines, such as the last ones of a log. Those after the first stand below its first word, so that
 * none of them can be taken for a line of ours.
 */
function paragraph(text: string): string {
  return text.trimEnd().split("\n").map(printable).join("\n       ");
}

function docsLink({ code }: Finding): string {
  return `docs/reference/errors.md#${code.toLowerCase()}`;
}
