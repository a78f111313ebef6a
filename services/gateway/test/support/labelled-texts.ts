import { readFileSync } from "node:fs";
import { findIdentifiers } from "../../src/redaction/text-redaction.ts";

interface LabelledText {
  readonly text: string;
  /** Kind and the text that must not leave; each occurs once. */
  readonly identifiers: readonly (readonly [kind: string, text: string])[];
  /** Of an id: whose it is. */
  readonly country?: string;
  /** Written so that machines do not see it. */
  readonly hard?: boolean;
}

export interface Measure {
  readonly name: string;
  labelled: number;
  /** Covered from the first to the last character. */
  covered: number;
  found: number;
  /** Found where something is labelled. */
  right: number;
  /** The first few that were not covered, or found without being labelled. */
  readonly examples: string[];
}

/** Recall and precision of the redactor on `labelled.jsonl`, by kind; what is written to be missed stands apart. */
export function measureRedactor(): ReadonlyMap<string, Measure> {
  const lines = readFileSync(new URL("../redaction/labelled.jsonl", import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
  const measures = new Map<string, Measure>();
  const of = (name: string) => {
    const known = measures.get(name) ?? { name, labelled: 0, covered: 0, found: 0, right: 0, examples: [] };
    measures.set(name, known);
    return known;
  };
  for (const { text, identifiers, hard } of lines.map((line) => JSON.parse(line) as LabelledText)) {
    const labels = identifiers.map(([kind, value]) => ({
      kind,
      start: text.indexOf(value),
      end: text.indexOf(value) + value.length,
    }));
    const spans = findIdentifiers(text);
    for (const label of labels) {
      const measure = of(hard === true ? "hidden" : label.kind);
      measure.labelled += 1;
      if (spans.some(({ start, end }) => start <= label.start && end >= label.end)) measure.covered += 1;
      else measure.examples.push(`missed: ${text}`);
    }
    if (hard === true) continue;
    for (const span of spans) {
      const measure = of(span.kind);
      measure.found += 1;
      if (labels.some(({ start, end }) => start < span.end && end > span.start)) measure.right += 1;
      else measure.examples.push(`not labelled: ${text.slice(span.start, span.end)} in ${text}`);
    }
  }
  return measures;
}
