import type { Code } from "../../config/diagnostics/codes.ts";
import { type Finding, finding, type Place, passes } from "../../config/diagnostics/finding.ts";
import { nearest } from "../../config/diagnostics/nearest.ts";
import { show } from "../../config/diagnostics/show.ts";
import { type FieldName, fieldNames, fields, type LabelledRequest, labelLimits } from "./labelled-request.ts";

/** A labelled set as read. */
export interface Labels {
  /** Null exactly when a finding is an error. */
  readonly requests: readonly LabelledRequest[] | null;
  readonly findings: readonly Finding[];
  /** The text that the findings point into. */
  readonly text: string;
}

const signalName = /^[A-Za-z][A-Za-z0-9]{0,39}$/;

/** The requests of a labelled set, and everything that is wrong with it in one go. Throws for no input. */
export function readLabels(input: Uint8Array): Labels {
  if (input.length > labelLimits.bytes) {
    const text = new TextDecoder().decode(input.subarray(0, 4096));
    return refused(text, finding("CLB-102", placeOf(0, 0), { limit: labelLimits.bytes, what: "bytes" }));
  }
  const text = new TextDecoder().decode(input);
  const bad = text.search(/[\0\ufffd]/);
  if (bad !== -1) return refused(text, finding("CLB-101", placeOf(bad, bad + 1), { problem: "is not text in UTF-8" }));
  if (text.trim() === "") return refused(text, finding("CLB-101", placeOf(0, 0), { problem: "is empty" }));
  const requests: LabelledRequest[] = [];
  const findings: Finding[] = [];
  const byId = new Map<string, number>();
  let start = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const place = placeOf(start, start + line.trimEnd().length);
    start += line.length + 1;
    if (line.trim() === "") continue;
    if (requests.length >= labelLimits.requests)
      return refused(text, finding("CLB-102", place, { limit: labelLimits.requests, what: "requests" }));
    const read = readLine(line, index + 1, place);
    findings.push(...read.findings);
    if (read.request === null) continue;
    const { id } = read.request;
    const earlier = byId.get(id);
    if (earlier !== undefined) findings.push(finding("CLB-108", place, { id: show(id), line: earlier }));
    byId.set(id, index + 1);
    const [first] = requests;
    if (first !== undefined) findings.push(...unequalSignals(first, read.request, place));
    requests.push(read.request);
  }
  if (passes(findings) && requests.length < labelLimits.least)
    findings.push(finding("CLB-109", placeOf(0, 0), { requests: requests.length, least: labelLimits.least }));
  return { requests: passes(findings) ? requests : null, findings: abridge(findings), text };
}

/** A signal that one of the two requests has alone. */
function unequalSignals(first: LabelledRequest, { signals, line }: LabelledRequest, place: Place): Finding[] {
  const missing = Object.keys(first.signals).filter((signal) => !Object.hasOwn(signals, signal));
  const added = Object.keys(signals).filter((signal) => !Object.hasOwn(first.signals, signal));
  return [
    ...missing.map((signal) => finding("CLB-107", place, { signal, line: first.line, where: "here" })),
    ...added.map((signal) => finding("CLB-107", place, { signal, line, where: `on line ${first.line}` })),
  ];
}

function placeOf(start: number, end: number): Place {
  return { file: "labels", offsets: [start, end] };
}

function refused(text: string, problem: Finding): Labels {
  return { requests: null, findings: [problem], text };
}

function readLine(
  line: string,
  number: number,
  place: Place,
): { request: LabelledRequest | null; findings: Finding[] } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { request: null, findings: [finding("CLB-103", place, { problem: "is not JSON" })] };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { request: null, findings: [finding("CLB-103", place, { problem: `is ${show(value)} and no object` })] };
  const given = value as Record<string, unknown>;
  const findings: Finding[] = [];
  const known = [...fieldNames, "id", "signals"];
  for (const field of Object.keys(given))
    if (!known.includes(field))
      findings.push(finding("CLB-105", place, { field: show(field), nearest: nearest(field, known), known }));
  const figures: Partial<Record<FieldName, number>> = {};
  for (const field of fieldNames) {
    const { isRequired, purpose, wanted, read } = fields[field];
    const raw = Object.hasOwn(given, field) ? given[field] : undefined;
    if (raw === undefined) {
      if (isRequired) findings.push(finding("CLB-104", place, { field, purpose }));
      continue;
    }
    const figure = read(raw);
    if (figure === null) findings.push(finding("CLB-106", place, { field, got: show(raw), wanted }));
    else figures[field] = figure;
  }
  const id = Object.hasOwn(given, "id") ? given.id : String(number);
  if (typeof id !== "string" || id === "" || id.length > 200)
    findings.push(finding("CLB-106", place, { field: "id", got: show(id), wanted: "a text of 1 to 200 characters" }));
  const signals = readSignals(given, place, findings);
  if (findings.length > 0) return { request: null, findings };
  const request = { verifierUsd: 0, ...figures, line: number, id, signals } as LabelledRequest;
  return { request, findings };
}

function readSignals(given: Record<string, unknown>, place: Place, findings: Finding[]): Record<string, number> {
  const raw = Object.hasOwn(given, "signals") ? given.signals : {};
  const refuse = (field: string, got: unknown, wanted: string) =>
    findings.push(finding("CLB-106", place, { field, got: show(got), wanted }));
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    refuse("signals", raw, "an object of numbers by name");
    return {};
  }
  const signals: Record<string, number> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (!signalName.test(name) || name in Object.prototype)
      refuse("the name of a signal", name, "letters and digits, a letter first");
    else if (typeof value !== "number" || !Number.isFinite(value)) refuse(`signals.${name}`, value, "a number");
    else signals[name] = value;
  }
  return signals;
}

/** The first findings of each kind: what was exported wrongly is wrong on every line. */
function abridge(findings: readonly Finding[]): Finding[] {
  const counts = new Map<Code, number>();
  const kept = findings.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count <= labelLimits.findingsOfOneCode;
  });
  const more = [...counts].flatMap(([code, count]) => {
    const left = count - labelLimits.findingsOfOneCode;
    return left <= 0 ? [] : [finding("CLB-113", { subject: "labelled set" }, { code, count: left })];
  });
  return [...kept, ...more];
}
