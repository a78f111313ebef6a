// Proves: what is made of a ledger, and that every fault in one is told. Not that a pilot is run well.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../../config/diagnostics/finding.ts";
import { blockBootstrap } from "../../../decisions/pilot/block-bootstrap.ts";
import { checkLedger } from "../../../decisions/pilot/check-ledger.ts";
import { pairedDays } from "../../../decisions/pilot/days.ts";
import type { LedgerRow } from "../../../decisions/pilot/ledger.ts";
import { pilotOutcome } from "../../../decisions/pilot/outcome.ts";
import { emptyLedger } from "../../../decisions/pilot/plan.ts";
import { readLedger } from "../../../decisions/pilot/read-ledger.ts";
import { pilotLedger } from "../../support/pilot-ledger.ts";

const now = Date.parse("2026-11-25T12:00:00Z");
const team = { engineers: 1, costPerMonth: { usd: 18_000 } };
const read = (text: string | Uint8Array) =>
  readLedger(typeof text === "string" ? new TextEncoder().encode(text) : text, "ledger.csv", now);

function rowsOf(changes: Parameters<typeof pilotLedger>[0] = {}): readonly LedgerRow[] {
  const { rows, findings } = read(pilotLedger(changes));
  if (findings.length > 0) throw new Error(findings.map(({ title }) => title).join("; "));
  return rows;
}

const outcomeOf = (changes: Parameters<typeof pilotLedger>[0] = {}, workload = {}) =>
  pilotOutcome(rowsOf(changes), "reading", workload, team);

/** A ledger in which line `line` (the header is 1) has one cell changed. */
function withCell(line: number, column: string, value: string): string {
  const lines = pilotLedger().trimEnd().split("\n");
  const cells = (lines[line - 1] ?? "").split(",");
  cells[(lines[0] ?? "").split(",").indexOf(column)] = value;
  lines[line - 1] = cells.join(",");
  return `${lines.join("\n")}\n`;
}

const told = (findings: readonly Finding[]) =>
  findings.map(({ code, title, place }) => `${"subject" in place ? place.subject : ""} ${code} ${title}`);

describe("the example", () => {
  it("is what the tests generate", () => {
    expect(readFileSync("examples/pilot/ledger.csv", "utf8")).toBe(pilotLedger());
  });
});

describe("readLedger", () => {
  it("reads every row", () => {
    expect(rowsOf()).toHaveLength(240);
  });

  it("takes columns in any order, quotes and line ends of Windows", () => {
    const [header = "", ...lines] = pilotLedger({ days: 1 }).trimEnd().split("\n");
    const turned = [header, ...lines]
      .map((line) =>
        line
          .split(",")
          .reverse()
          .map((cell) => `"${cell}"`)
          .join(","),
      )
      .join("\r\n");
    expect(read(`\uFEFF${turned}`).findings.filter(({ code }) => code !== "PLT-102")).toEqual([]);
    expect(read(turned).rows).toHaveLength(8);
  });

  it.each([
    ["nothing", "", "ledger.csv PLT-101 The ledger cannot be read as a table: it is empty."],
    [
      "names alone",
      emptyLedger(),
      "ledger.csv PLT-101 The ledger cannot be read as a table: it has no row below the names of the columns.",
    ],
    ["open quotes", `${emptyLedger()}"2026`, /^ledger\.csv(:\d+)? PLT-101 .*its quotes do not match/],
    ["a NUL byte", "start\0", /PLT-101 .*NUL bytes/],
    [
      "a column misspelt",
      pilotLedger().replace("input_tokens", "input_token"),
      /:1 PLT-102 The column "input_token" is not known\.$/,
    ],
    ["a column missing", pilotLedger().replace("start,end", "start,start"), /PLT-102 The column end is missing\.$/],
    [
      "a cell too many",
      `${pilotLedger({ days: 1 }).trimEnd()},7\n`,
      "ledger.csv:9 PLT-103 The row has 16 cells, and there are 15 columns.",
    ],
    ["a negative number", withCell(3, "requests", "-3"), 'ledger.csv:3:5 PLT-104 requests is "-3".'],
    ["a separator of thousands", withCell(3, "requests", "1 000"), 'ledger.csv:3:5 PLT-104 requests is "1 000".'],
    ["an empty number", withCell(3, "errors", ""), "ledger.csv:3:6 PLT-104 errors is empty."],
    ["half a request", withCell(3, "requests", "0.5"), 'ledger.csv:3:5 PLT-104 requests is "0.5".'],
    ["an absurd number", withCell(3, "input_tokens", "9".repeat(20)), /:3:7 PLT-104 input_tokens is/],
    ["a quality out of range", withCell(3, "quality_mean", "86"), 'ledger.csv:3:13 PLT-104 quality_mean is "86".'],
    ["an option unknown", withCell(3, "option", "cloud"), 'ledger.csv:3:4 PLT-104 option is "cloud".'],
    ["a workload missing", withCell(3, "workload", ""), "ledger.csv:3:3 PLT-104 workload is empty."],
    [
      "a time without offset",
      withCell(3, "start", "2026-10-19T00:00:00"),
      /:3:1 PLT-105 .*it has no offset from UTC\.$/,
    ],
    ["a day that is none", withCell(3, "start", "2026-02-30T00:00:00Z"), /PLT-105 .*there is no such day or hour/],
    ["words for a time", withCell(3, "start", "yesterday"), /PLT-105 .*it is no time of the form/],
    ["a time to come", withCell(3, "start", "2027-01-01T00:00:00+01:00"), /PLT-105 .*it lies in the future/],
    [
      "an end before the start",
      withCell(3, "end", "2026-10-18T06:00:00+01:00"),
      /:3:2 PLT-105 end .*it is not after the start/,
    ],
    ["a row of two days", withCell(3, "end", "2026-10-20T06:00:00+01:00"), /PLT-105 end .*a row spans a day at most/],
    [
      "an end in another zone",
      withCell(3, "end", "2026-10-19T06:00:00Z"),
      /:3:2 PLT-106 The ledger mixes times at \+01:00 and at Z\.$/,
    ],
    ["errors above requests", withCell(3, "errors", "99999"), /:3 PLT-110 99999 errors are more than \d+ requests\.$/],
    ["tokens without requests", withCell(3, "requests", "0").replace(/,4,/, ",0,"), /PLT-110 /],
    [
      "more cached than read",
      withCell(3, "cached_input_tokens", "999999999"),
      /:3 PLT-110 999999999 cached input tokens/,
    ],
    [
      "a score without samples",
      withCell(3, "quality_samples", "0"),
      /:3 PLT-110 quality_mean is given and nothing was scored\.$/,
    ],
    [
      "samples without a score",
      withCell(3, "quality_mean", ""),
      /:3 PLT-110 14 answers were scored and quality_mean is empty\.$/,
    ],
  ])("tells %s", (_, text, expected) => {
    const { rows, findings } = read(text);
    expect(rows).toEqual([]);
    expect(told(findings)[0]).toMatch(expected);
  });

  it("tells what is no text, and what is too much of it", () => {
    expect(told(read(new Uint8Array([0xff, 0xfe, 0x41])).findings)[0]).toContain("not encoded in UTF-8");
    expect(told(read(new Uint8Array(21 * 2 ** 20).fill(65)).findings)[0]).toContain("more than 20971520");
  });

  it("stops after thirty faults", () => {
    expect(read(pilotLedger().replaceAll(",api,", ",cloud,")).findings).toHaveLength(30);
  });

  it("never throws, whatever the bytes are", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `${emptyLedger()}${text}`),
        ),
        (text) => {
          const { rows, findings } = read(text);
          expect(rows.length === 0 || findings.length === 0).toBe(true);
        },
      ),
    );
  });
});

describe("checkLedger", () => {
  const check = (text: string, workloads: readonly string[] | null = null) => {
    const { rows } = read(text);
    return told(checkLedger(rows, "ledger.csv", workloads));
  };

  it("has nothing to say of a sound ledger", () => {
    expect(check(pilotLedger(), ["reading"])).toEqual([]);
  });

  it("tells rows that count the same time", () => {
    const lines = pilotLedger({ days: 1 }).trimEnd().split("\n");
    expect(check([...lines, lines[1]].join("\n"))).toEqual([
      'ledger.csv:10 PLT-107 The row repeats line 2: self-hosted of "reading" at the same time.',
    ]);
    const longer = withCell(2, "end", "2026-10-19T07:00:00+01:00");
    expect(check(longer)).toEqual([
      'ledger.csv:4 PLT-107 The row overlaps line 2: self-hosted of "reading" in the same hours.',
    ]);
  });

  it("tells a gap, and does not count the day on either side", () => {
    const lines = pilotLedger().split("\n");
    const text = lines.filter((_, index) => index !== 11).join("\n");
    expect(check(text)).toEqual([
      expect.stringMatching(
        /PLT-108 6 hours of self-hosted for "reading" are missing, from 2026-10-20T05:00:00Z to 2026-10-20T11:00:00Z\.$/,
      ),
    ]);
    expect(pairedDays(read(text).rows, "reading")).toHaveLength(29);
  });

  it("tells mixed time zones, as a change to winter time makes", () => {
    const mixed =
      pilotLedger({ days: 1 }) + pilotLedger({ days: 2, offset: "+02:00" }).split("\n").slice(10).join("\n");
    expect(check(mixed)[0]).toMatch(/PLT-106 The ledger mixes times at \+01:00 and at \+02:00\.$/);
  });

  it("tells a workload that the file does not have, once", () => {
    expect(check(pilotLedger({ workload: "raeding" }), ["reading"])).toEqual([
      'ledger.csv:2 PLT-109 The workload "raeding" is not in the stack file.',
    ]);
  });

  it("tells that one side is missing", () => {
    const own = pilotLedger()
      .split("\n")
      .filter((line) => !line.includes(",api,"))
      .join("\n");
    expect(check(own)).toEqual(['ledger.csv PLT-111 The ledger has no row of api for "reading".']);
  });
});

describe("pilotOutcome", () => {
  const usd = (own: number, api: number) => ({ dailyUsd: { "self-hosted": own, api } });

  it("says to host when even the lower bound saves enough", () => {
    const { verdict, savingCents, options } = outcomeOf();
    expect(verdict.value).toBe("self-host");
    expect(savingCents.low).toBeGreaterThan(options.api.monthlyCents.value * 0.2);
  });

  it("says to use the API when nothing is saved", () => {
    expect(outcomeOf(usd(900, 500)).verdict.value).toBe("api");
  });

  it("says to go on when the bounds hold both", () => {
    expect(outcomeOf(usd(470, 700)).verdict.value).toBe("pilot");
  });

  it("counts the month as 730 hours: 30 days of $100 are $3,041.67", () => {
    const { options } = outcomeOf({ ...usd(100, 709), engineerHours: { "self-hosted": 0, api: 0 } });
    expect(options["self-hosted"].monthlyCents).toEqual({ low: 304_167, value: 304_167, high: 304_167 });
  });

  it("counts engineers at 173.3 hours a month", () => {
    const { options } = outcomeOf();
    const { engineerCents, engineerHoursPerMonth } = options["self-hosted"];
    expect(engineerCents / 100).toBeCloseTo((engineerHoursPerMonth * 18_000) / (2080 / 12), 2);
  });

  it("compares at one volume: an API that carried half is billed for all", () => {
    const whole = outcomeOf();
    const half = outcomeOf({ share: { "self-hosted": 1, api: 0.5 } });
    const ratio = half.options.api.monthlyCents.value / whole.options.api.monthlyCents.value;
    expect(ratio).toBeCloseTo(1, 2);
  });

  it.each([
    ["too few days", { days: 27 }, "not-enough-days"],
    ["four weeks", { days: 28 }, "self-host"],
    ["nodes that carried too little", { share: { "self-hosted": 0.5, api: 1 } }, "not-enough-load"],
    ["answers that are worse", { quality: { "self-hosted": 0.8, api: 0.87 } }, "api"],
    ["answers that are as good but for a little", { quality: { "self-hosted": 0.86, api: 0.87 } }, "self-host"],
  ] as const)("judges %s", (_, changes, verdict) => {
    expect(outcomeOf(changes).verdict.value).toBe(verdict);
  });

  it("does not host what misses its objectives", () => {
    const { verdict, options } = outcomeOf({}, { objectives: { ttft: "1s" } });
    expect(options["self-hosted"].ttftKept).toBeLessThan(0.95);
    expect(verdict).toMatchObject({ value: "api", because: [{ text: expect.stringContaining("objective ttft") }, {}] });
    expect(outcomeOf({}, { objectives: { ttft: "4s", itl: "80ms" } }).options["self-hosted"].ttftKept).toBe(1);
  });

  it("wants answers scored", () => {
    const unscored = pilotLedger().replaceAll(/,\d+,0\.\d{3},(\d)/g, ",0,,$1");
    const { rows, findings } = read(unscored);
    expect(findings).toEqual([]);
    expect(pilotOutcome(rows, "reading", null, team).verdict.value).toBe("not-enough-scores");
  });

  it("scales with what is paid, bounds and all", () => {
    const engineerHours = { "self-hosted": 0, api: 0 };
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), (times) => {
        const one = outcomeOf({ ...usd(300, 700), engineerHours });
        const more = outcomeOf({ ...usd(300 * times, 700 * times), engineerHours });
        for (const bound of ["low", "value", "high"] as const) {
          expect(more.savingCents[bound] / one.savingCents[bound] / times).toBeCloseTo(1, 3);
        }
      }),
      { numRuns: 5 },
    );
  });
});

describe("blockBootstrap", () => {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  it("gives days that do not differ no bounds", () => {
    expect(blockBootstrap([5, 5, 5, 5, 5, 5, 5, 5], mean)).toEqual({ low: 5, value: 5, high: 5 });
  });

  it("gives the same bounds each time", () => {
    const days = Array.from({ length: 30 }, (_, day) => 10 + Math.sin(day));
    expect(blockBootstrap(days, mean)).toEqual(blockBootstrap(days, mean));
  });

  it("holds the true mean in about nine of ten pilots whose days depend on each other", () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647 - 0.5;
    };
    let held = 0;
    let width = 0;
    const pilots = 120;
    for (let pilot = 0; pilot < pilots; pilot += 1) {
      let drift = 0;
      const days = Array.from({ length: 30 }, (_, day) => {
        drift = 0.4 * drift + random();
        return 100 + 20 * Math.cos((day * 2 * Math.PI) / 7) + 10 * drift;
      });
      const { low, high } = blockBootstrap(days, mean);
      // Thirty days hold four weeks and two days; the mean of those is the truth here.
      const truth = 100 + mean(Array.from({ length: 30 }, (_, day) => 20 * Math.cos((day * 2 * Math.PI) / 7)));
      if (low <= truth && truth <= high) held += 1;
      width += high - low;
    }
    expect(held / pilots).toBeGreaterThan(0.75);
    expect(width / pilots).toBeLessThan(20);
  });
});
