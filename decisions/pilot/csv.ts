import { type Finding, finding } from "../../config/diagnostics/finding.ts";

/** A cell with where it stands, so that a finding can point at it. */
export interface Cell {
  readonly text: string;
  /** Character offsets into the file, quotes included. */
  readonly start: number;
  readonly end: number;
}

/** One line of a table, or several where a quoted cell holds line ends. */
export interface Line {
  /** One-based line of the file on which it begins. */
  readonly number: number;
  readonly cells: readonly Cell[];
}

/** A ledger has seventeen columns; a line of a hundred times as many cells is none, and would only take memory. */
const mostCells = 1000;

/**
 * The lines of a CSV text as RFC 4180 has it: commas, cells in quotes where need be, a quote doubled inside, LF or CRLF.
 * Blank lines are passed over. At most `mostLines` are read. A fault in quotes ends the reading, because from there on
 * nothing says where a cell ends.
 */
export function readCsv(text: string, mostLines: number): { lines: Line[]; findings: Finding[] } {
  const lines: Line[] = [];
  let cells: Cell[] = [];
  let at = 0;
  let number = 1;
  let begins = 1;
  while (at <= text.length && lines.length < mostLines) {
    const start = at;
    let value: string;
    if (text[at] === '"') {
      const quoted = readQuoted(text, at);
      if (quoted === null) return { lines, findings: [fault(start, "begins with a quote that is never closed")] };
      value = quoted.value;
      at = quoted.end;
      number += value.split("\n").length - 1;
      if (!/^(,|\r?\n|\r?$)/.test(text.slice(at, at + 2)))
        return { lines, findings: [fault(start, "goes on after its closing quote")] };
    } else {
      const end = cellEnd(text, at);
      value = text.slice(at, end);
      at = end;
      if (value.includes('"'))
        return { lines, findings: [fault(start, "has a quote inside and does not begin with one")] };
    }
    cells.push({ text: value, start, end: at });
    if (cells.length > mostCells) {
      const parameters = { limit: mostCells, what: "cells in one line" };
      return { lines, findings: [finding("PLT-103", { file: "ledger", offsets: [start, at] }, parameters)] };
    }
    if (text[at] === ",") {
      at += 1;
      continue;
    }
    if (text[at] === "\r") at += 1;
    at += 1;
    number += 1;
    if (cells.length > 1 || (cells[0]?.text ?? "").trim() !== "") lines.push({ number: begins, cells });
    cells = [];
    begins = number;
  }
  return { lines, findings: [] };
}

function readQuoted(text: string, start: number): { readonly value: string; readonly end: number } | null {
  let value = "";
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return null;
    value += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    from = quote + 2;
  }
}

function cellEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && text[end] !== "," && text[end] !== "\n") end += 1;
  return text[end - 1] === "\r" && end > start && text[end] !== "," ? end - 1 : end;
}

function fault(start: number, problem: string): Finding {
  return finding("PLT-104", { file: "ledger", offsets: [start, start + 1] }, { problem });
}
