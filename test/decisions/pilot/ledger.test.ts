// Proves: each fault of a ledger is a finding at its line and column, and no bytes make the reader throw.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toJson } from "../../../config/diagnostics/render.ts";
import { ledgerLimits } from "../../../decisions/pilot/ledger.ts";
import type { LedgerContext } from "../../../decisions/pilot/row-reader.ts";
import { dailyLedger, header, ledgerOf, ledgerRow, ledgerScreen, read } from "../../support/ledger.ts";

/** `PLT-111 2:81`: each finding with its line and column. */
function found(text: string | Uint8Array, context: Partial<LedgerContext> = {}): string[] {
  const ledger = read(text, context);
  return toJson(ledger.findings, { ledger: { name: "ledger.csv", text: ledger.text } }).map(({ code, line, column }) =>
    line === null ? code : `${code} ${line}:${column}`,
  );
}

/** A ledger of both options whose first row differs. */
function withRow(cells: Parameters<typeof ledgerRow>[0]): string {
  return ledgerOf(ledgerRow(cells), ledgerRow({ option: "self-host" }));
}

describe("a sound ledger", () => {
  it("is read without findings, with CRLF, a byte order mark, blank lines and quotes as well", () => {
    expect(found(dailyLedger(2))).toEqual([]);
    const quoted = dailyLedger(2).replace("support", '"support"').replaceAll("\n", "\r\n");
    const ledger = read(new TextEncoder().encode(`\ufeff${quoted}\r\n\r\n`));
    expect(ledger.findings).toEqual([]);
    expect(ledger.rows).toHaveLength(4);
  });

  it("keeps what was not measured apart from zero", () => {
    const cells = { ttft_p95_ms: "", quality_score: "", quality_samples: "", cost_usd: "", requests: 0, errors: 0 };
    const none = { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0 };
    const rows = read(dailyLedger(1, () => ({ ...cells, ...none }))).rows ?? [];
    expect(rows[0]).toMatchObject({
      ttftMilliseconds: null,
      quality: null,
      costUsd: null,
      requests: 0,
      day: "2026-10-05",
    });
  });
});

describe("text that is no ledger", () => {
  it.each<[name: string, text: string | Uint8Array, expected: string[]]>([
    ["an empty file", "", ["PLT-101 1:1"]],
    ["blank lines", "\n  \n", ["PLT-101 1:1"]],
    ["a header alone", `${header}\n`, ["PLT-110 1:1"]],
    ["a binary", new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), ["PLT-102 1:5"]],
    ["Latin-1", new Uint8Array([0x73, 0xe9, 0x2c]), ["PLT-102 1:2"]],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x73, 0]), ["PLT-102 1:1"]],
    ["a giant", new Uint8Array(ledgerLimits.bytes + 1).fill(0x2c), ["PLT-103 1:1"]],
    ["too many rows", `${header}\n${"1,\n".repeat(ledgerLimits.rows + 1)}`, ["PLT-103 100002:1"]],
    ["a line without end", `${header}\n${",".repeat(2000)}`, ["PLT-103 2:1001"]],
    ["an open quote", ledgerOf('"2026,api'), ["PLT-104 2:1"]],
    ["text behind a quote", ledgerOf('"2026"x,api'), ["PLT-104 2:1"]],
    ["a quote inside", ledgerOf('2026"x,api'), ["PLT-104 2:1"]],
    ["semicolons", header.replaceAll(",", ";"), ["PLT-105 1:1"]],
    ["prose", "We measured a lot.", ["PLT-105 1:1"]],
  ])("rejects %s", (_, text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const ledger = read(bytes);
        expect(ledger.rows === null).toBe(ledger.findings.some(({ severity }) => severity === "error"));
      }),
    );
    const piece = fc.constantFrom(",", "\n", '"', "\r\n", "2026-10-05T00:00:00Z", "api", "-1", "1e99", "é", " ");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        expect(read(`${header}\n${pieces.join("")}`).findings.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("a header", () => {
  it("rejects columns that are missing, unknown or there twice, all in one run", () => {
    const faulty = header.replace("output_tokens", "output_token").replace("errors", "requests");
    expect(found(`${faulty}\n`)).toEqual(["PLT-108 1:36", "PLT-107 1:78", "PLT-106 1:177", "PLT-106 1:177"]);
  });

  it("rejects a cost in another currency, in the name of a column as well", () => {
    expect(found(`${header.replace("cost_usd", "cost_eur")}\n`)).toEqual(["PLT-128 1:168"]);
    const columns = `${header},currency`;
    const rows = ["api", "self-host"].map((option) => ledgerRow({ option, currency: "EUR" }, columns));
    expect(found(`${[columns, ...rows].join("\n")}\n`)).toEqual(["PLT-128 2:107", "PLT-128 3:113"]);
  });
});

describe("a row", () => {
  it("rejects another number of cells than the header names", () => {
    expect(found(ledgerOf(`${ledgerRow()},1`, "a,b"))).toEqual(["PLT-109 2:1", "PLT-109 3:1"]);
  });

  it.each<[name: string, cells: Parameters<typeof ledgerRow>[0], expected: string]>([
    ["a word for a number", { requests: "many" }, "PLT-111 2:55"],
    ["a negative number", { requests: -3 }, "PLT-111 2:55"],
    ["a point for thousands", { requests: "1.000" }, "PLT-111 2:55"],
    ["half a request", { requests: 0.5 }, "PLT-111 2:55"],
    ["infinity", { engineer_hours: "Infinity" }, "PLT-111 2:98"],
    ["hours beyond reason", { engineer_hours: 5000 }, "PLT-111 2:98"],
    ["an empty figure", { requests: "" }, "PLT-112 2:55"],
    ["an empty time", { start: "" }, "PLT-112 2:1"],
    ["a time without offset", { start: "2026-10-05T00:00:00" }, "PLT-113 2:1"],
    ["a day that is none", { start: "2026-02-30T00:00:00Z" }, "PLT-113 2:1"],
    ["24 o'clock", { end: "2026-10-05T24:00:00Z" }, "PLT-113 2:22"],
    ["seconds", { start: "2026-10-05T00:00:01Z" }, "PLT-113 2:1"],
    ["two zones in a row", { end: "2026-10-06T00:00:00+02:00" }, "PLT-114 2:22"],
    ["an end before the start", { end: "2026-10-04T00:00:00Z" }, "PLT-115 2:22"],
    ["a period across midnight", { start: "2026-10-05T22:00:00Z", end: "2026-10-06T02:00:00Z" }, "PLT-115 2:22"],
    ["an option of another name", { option: "selfhost" }, "PLT-117 2:51"],
    ["a workload without a name", { workload: "Su pport" }, "PLT-118 2:43"],
    ["a score in percent", { quality_score: 87 }, "PLT-124 2:91"],
    ["a score of nothing", { quality_samples: 0 }, "PLT-124 2:95"],
    ["grades without a score", { quality_score: "" }, "PLT-124 2:91"],
    ["tokens without requests", { requests: 0, errors: 0, output_tokens: 0 }, "PLT-125 2:59"],
    ["more errors than requests", { errors: 1001 }, "PLT-126 2:60"],
    ["more cached than there was", { cached_input_tokens: 4_000_001 }, "PLT-127 2:70"],
  ])("rejects %s", (_, cells, expected) => {
    expect(found(withRow(cells))).toEqual([expected]);
  });

  it("rejects a second zone, the change to summer time included", () => {
    const zone = (offset: string, day: number, option: string) => ({
      start: `2026-10-0${day}T00:00:00${offset}`,
      end: `2026-10-0${day + 1}T00:00:00${offset}`,
      option,
    });
    const rows = [zone("+01:00", 5, "api"), zone("+02:00", 5, "self-host")];
    expect(found(ledgerOf(...rows.map((row) => ledgerRow(row))))).toEqual(["PLT-114 3:1", "PLT-114 3:27"]);
  });

  it("rejects a period that is not over", () => {
    expect(found(dailyLedger(1), { now: Date.parse("2026-10-05T12:00:00Z") })).toEqual([
      "PLT-116 2:22",
      "PLT-116 3:22",
    ]);
  });

  it("rejects a workload that the stack file does not have", () => {
    const stack = { name: "stack.yaml", workloads: ["supports"] };
    expect(found(dailyLedger(1), { stack })).toEqual(["PLT-118 2:43", "PLT-118 3:43"]);
  });

  it("tells the first ten findings of a kind and counts the rest", () => {
    const codes = found(dailyLedger(30, () => ({ requests: "?" })));
    expect(codes).toHaveLength(11);
    expect(codes.at(-1)).toBe("PLT-130");
    const { findings } = read(dailyLedger(30, () => ({ requests: "?" })));
    expect(findings.at(-1)?.title).toBe("At least 50 more of PLT-111 are in the ledger.");
  });
});

describe("periods together", () => {
  const part = (from: number, to: number, cells: Parameters<typeof ledgerRow>[0] = {}) => {
    const clock = (hour: number) =>
      hour === 24 ? "2026-10-06T00:00:00Z" : `2026-10-05T${String(hour).padStart(2, "0")}:00:00Z`;
    return ledgerRow({ start: clock(from), end: clock(to), ...cells });
  };
  const own = ledgerRow({ option: "self-host" });

  it("may be hours or whole days, in any order", () => {
    expect(found(ledgerOf(own, part(10, 24), part(0, 9), part(9, 10)))).toEqual([]);
  });

  it("rejects one that is there twice", () => {
    expect(found(ledgerOf(part(0, 24), own, part(0, 24)))).toEqual(["PLT-120 4:1"]);
  });

  it("rejects hours that overlap, behind a long period as well", () => {
    expect(found(ledgerOf(part(0, 24), own, part(9, 10), part(12, 13)))).toEqual(["PLT-121 4:1", "PLT-121 5:1"]);
  });

  it("warns of hours that are missing", () => {
    expect(found(ledgerOf(part(1, 9), part(10, 24), own))).toEqual(["PLT-122 2:1"]);
    expect(read(ledgerOf(part(1, 9), part(10, 24), own)).rows).toHaveLength(3);
  });

  it("warns of days that one option or both lack", () => {
    expect(found(dailyLedger(5, (day, option) => (day === 2 || (day === 3 && option === "api") ? null : {})))).toEqual([
      "PLT-123 4:1",
      "PLT-123 6:1",
    ]);
  });

  it("rejects a workload with one option alone", () => {
    expect(found(ledgerOf(ledgerRow()))).toEqual(["PLT-119 2:51"]);
  });
});

describe("the screen", () => {
  it("shows a figure that is none", () => {
    expect(ledgerScreen(withRow({ requests: "-3" }))).toMatchInlineSnapshot(`
      "ledger.csv:2:55  PLT-111  requests must be a whole number from 0 to 10000000000; it is "-3".

        1 | start,end,workload,option,requests,errors,input_tokens,cached_input_tokens,output_tokens,ttft_p95_ms,itl_p95_ms,quality_…
        2 | 2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,support,api,-3,1,4000000,400000,400000,900,30,0.9,50,0.5,,100
          |                                                       ^^

        Why: The total a month and the verdict are computed from it, so it is never corrected by guess.
        Fix: Write plain digits, with a point for decimals.
        More: docs/reference/errors.md#plt-111

      1 error
      "
    `);
  });

  it("shows overlapping hours", () => {
    const rows = [ledgerRow(), ledgerRow({ start: "2026-10-05T09:00:00Z", end: "2026-10-05T10:00:00Z" })];
    expect(ledgerScreen(ledgerOf(...rows, ledgerRow({ option: "self-host" })))).toMatchInlineSnapshot(`
      "ledger.csv:3:1  PLT-121  This period of "support" on api overlaps the one in line 2.

        2 | 2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,support,api,1000,1,4000000,400000,400000,900,30,0.9,50,0.5,,100
        3 | 2026-10-05T09:00:00Z,2026-10-05T10:00:00Z,support,api,1000,1,4000000,400000,400000,900,30,0.9,50,0.5,,100
          | ^^^^^^^^^^^^^^^^^^^^

        Why: The hours that both cover would be counted twice.
        Fix: Let each period begin where the one before it ends: the busiest hour has a row of its own only if no other row covers it.
        More: docs/reference/errors.md#plt-121

      1 error
      "
    `);
  });

  it("shows a second time zone", () => {
    const times = { start: "2026-10-05T00:00:00+02:00", end: "2026-10-06T00:00:00Z" };
    expect(ledgerScreen(ledgerOf(ledgerRow(), ledgerRow({ ...times, option: "self-host" })))).toMatchInlineSnapshot(`
      "ledger.csv:3:1  PLT-114  The offset is +02:00; line 2 set +00:00 for the whole ledger.

        2 | 2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,support,api,1000,1,4000000,400000,400000,900,30,0.9,50,0.5,,100
        3 | 2026-10-05T00:00:00+02:00,2026-10-06T00:00:00Z,support,self-host,1000,1,4000000,400000,400000,900,30,0.9,50,0.5,,100
          | ^^^^^^^^^^^^^^^^^^^^^^^^^

        Why: A day is midnight to midnight in one zone. Two zones, or a change to summer time in between, make days of 23 and 25 hours that look like gaps and overlaps.
        Fix: Write all times with the offset +00:00, those after a change of the clocks as well.
        More: docs/reference/errors.md#plt-114

      1 error
      "
    `);
  });

  it("shows a gap", () => {
    const rows = [ledgerRow({ end: "2026-10-05T14:00:00Z" }), ledgerRow({ option: "self-host" })];
    expect(ledgerScreen(ledgerOf(...rows))).toMatchInlineSnapshot(`
      "ledger.csv:2:1  PLT-122  2026-10-05 of "support" on api lacks 14:00 to 24:00.

        1 | start,end,workload,option,requests,errors,input_tokens,cached_input_tokens,output_tokens,ttft_p95_ms,itl_p95_ms,quality_…
        2 | 2026-10-05T00:00:00Z,2026-10-05T14:00:00Z,support,api,1000,1,4000000,400000,400000,900,30,0.9,50,0.5,,100
          | ^^^^^^^^^^^^^^^^^^^^

        Why: A day with a gap has too little of everything, so it is left out, and with it the seven days it would be part of.
        Fix: Add the hours, with 0 requests if nothing came.
        More: docs/reference/errors.md#plt-122

      1 warning
      "
    `);
  });
});
