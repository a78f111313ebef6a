// Proves: `freehold pilot` writes what the days must record, never overwrites a ledger, and reports one, with the whole
// screen for the example and for a few faults. Which figures lead to which verdict: test/decisions/pilot.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { dailyLedger } from "../support/ledger.ts";
import { soundStack, stackWith } from "../support/stack-file.ts";

const example = (name: string) => readFileSync(new URL(`../../examples/pilot/${name}`, import.meta.url), "utf8");

let checkout: Checkout;
beforeEach(() => {
  checkout = newCheckout();
  checkout.write("stack.yaml", example("stack.yaml"));
  checkout.write("ledger.csv", example("ledger.csv"));
});
afterEach(() => checkout.remove());

const pilot = (...args: string[]) => checkout.freehold(["pilot", ...args]);

describe("freehold pilot plan", () => {
  it("says what thirty days have to record", async () => {
    const { code, stdout } = await pilot("plan", "stack.yaml");
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("pilot-plan.example.md");
  });

  it("writes an empty ledger that only lacks rows, and never overwrites one", async () => {
    const first = await pilot("plan", "stack.yaml", "--ledger", "new/ledger.csv");
    expect([first.code, first.stderr.split("\n").at(-2)]).toEqual([0, "An empty ledger is in new/ledger.csv."]);
    const empty = await pilot("report", "new/ledger.csv");
    expect([empty.code, empty.stderr.split("\n")[0]]).toEqual([
      1,
      "new/ledger.csv:1:1  PLT-110  The ledger has a header and no rows.",
    ]);
    writeFileSync(join(checkout.root, "new/ledger.csv"), "measured");
    const second = await pilot("plan", "stack.yaml", "--ledger", "new/ledger.csv");
    expect(second.code).toBe(1);
    expect(second.stderr).toContain("PLT-131  new/ledger.csv is there already and was left as it is.");
    expect(readFileSync(join(checkout.root, "new/ledger.csv"), "utf8")).toBe("measured");
  });

  it("gives the same as JSON", async () => {
    const { stdout } = await pilot("plan", "stack.yaml", "--json");
    const { workloads, leftOut } = JSON.parse(stdout);
    expect(leftOut).toEqual([]);
    expect(workloads[0]).toMatchObject({ workload: "reading", days: 30, gradedPerDay: 50 });
    expect(workloads[0].options.map(({ option }: { option: string }) => option)).toEqual(["api", "self-host"]);
  });

  it("rejects a file without workloads, or without a second option", async () => {
    checkout.write("none.yaml", soundStack);
    expect((await pilot("plan", "none.yaml")).stderr).toContain("PLT-132");
    const alone = stackWith(
      ["repository: Qwen/Qwen3-32B", "repository: acme/own"],
      [
        "models:\n",
        `catalog: { models: { acme/own: { form: variant, of: Qwen/Qwen3-32B, source: our training run, asOf: 2026-10-01 } } }
workloads:
  support: { model: chat, tokensPerMonth: 2e9, inputTokens: { mean: 2000, p95: 4000 }, outputTokens: { mean: 200, p95: 400 } }
models:
`,
      ],
    );
    checkout.write("alone.yaml", alone);
    const { code, stderr } = await pilot("plan", "alone.yaml");
    expect(code).toBe(1);
    expect(stderr).toContain("PLT-133  No workload of the stack file has an offer");
  });
});

describe("freehold pilot report", () => {
  it("says the verdict first, then what was measured", async () => {
    const { code, stdout, stderr } = await pilot("report", "ledger.csv", "--file", "stack.yaml");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    await expect(stdout).toMatchFileSnapshot("pilot-report.example.md");
  });

  it("is shown in docs/how-to/run-a-pilot.md as it is, beside rows of the ledger as they are", async () => {
    const page = readFileSync(new URL("../../docs/how-to/run-a-pilot.md", import.meta.url), "utf8");
    const { stdout } = await pilot("report", "ledger.csv", "--file", "stack.yaml");
    const blocks = [...page.matchAll(/```text\n([\s\S]*?)\n```/g)].map(([, block = ""]) => block);
    expect(blocks).toHaveLength(2);
    const [rows = "", shown = ""] = blocks;
    expect(stdout).toContain(shown);
    const ledger = example("ledger.csv").split("\n");
    expect(rows.split("\n").filter((row) => !ledger.some((line) => line.startsWith(row)))).toEqual([]);
  });

  it("says when there are not enough days", async () => {
    const tenDays = example("ledger.csv").split("\n").slice(0, 81).join("\n");
    checkout.write("short.csv", tenDays);
    const { code, stdout } = await pilot("report", "short.csv", "--file", "stack.yaml");
    expect(code).toBe(0);
    expect(stdout.split("\n").slice(0, 5)).toEqual([
      "# Pilot (short.csv)",
      "",
      "## reading: not enough days",
      "",
      "10 whole days were measured on both options, which hold 1 run of seven days without a gap. 4 are needed, 28 days with each weekday four times: 3 more.",
    ]);
  });

  it("needs no stack file where the ledger holds the costs", async () => {
    checkout.write("bills.csv", dailyLedger(28));
    const { code, stdout } = await pilot("report", "bills.csv", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout).workloads[0].verdict.value).toBe("api");
  });

  it("warns of a day that is left out, and reports the rest", async () => {
    const gap = dailyLedger(28, (day, option) => (day === 12 && option === "api" ? null : {}));
    checkout.write("gap.csv", gap);
    const { code, stdout, stderr } = await pilot("report", "gap.csv");
    expect(code).toBe(0);
    expect(stdout).toContain("27 whole days of both options, which hold 3 whole weeks.");
    expect(stderr).toMatchInlineSnapshot(`
      "gap.csv:26:1  PLT-123  2026-10-17 of "support" has no rows of api.

        25 | 2026-10-16T00:00:00Z,2026-10-17T00:00:00Z,support,self-host,1000,1,4000000,400000,400000,900,30,0.9,50,0.5,,100
        26 | 2026-10-17T00:00:00Z,2026-10-18T00:00:00Z,support,self-host,1000,1,4000000,400000,400000,900,30,0.9,50,0.5,,100
           | ^^^^^^^^^^^^^^^^^^^^

        Why: Only days on which both options ran can be compared; this one is left out.
        Fix: Add the rows of api, or run more days.
        More: docs/reference/errors.md#plt-123

      1 warning
      "
    `);
  });

  it("shows faults with their places and no report", async () => {
    const faulty = example("ledger.csv").split("\n").slice(0, 4).join("\n").replace("self-host", "own");
    checkout.write("faulty.csv", `${faulty.replace("T08:00:00Z", "T08:00:00+01:00")}\n`);
    const { code, stdout, stderr } = await pilot("report", "faulty.csv", "--file", "stack.yaml");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatchInlineSnapshot(`
      "faulty.csv:2:22  PLT-114  The offset is +01:00; line 2 set +00:00 for the whole ledger.

        1 | start,end,workload,option,requests,errors,input_tokens,cached_input_tokens,output_tokens,ttft_p95_ms,itl_p95_ms,quality_…
        2 | 2026-10-19T00:00:00Z,2026-10-19T08:00:00+01:00,reading,api,8048,9,50580606,5432596,3941719,1599,23,,,0,,
          |                      ^^^^^^^^^^^^^^^^^^^^^^^^^

        Why: A day is midnight to midnight in one zone. Two zones, or a change to summer time in between, make days of 23 and 25 hours that look like gaps and overlaps.
        Fix: Write all times with the offset +00:00, those after a change of the clocks as well.
        More: docs/reference/errors.md#plt-114

      faulty.csv:3:51  PLT-117  The option "own" is not known.

        2 | 2026-10-19T00:00:00Z,2026-10-19T08:00:00+01:00,reading,api,8048,9,50580606,5432596,3941719,1599,23,,,0,,
        3 | 2026-10-19T00:00:00Z,2026-10-19T08:00:00Z,reading,own,8048,7,49107384,5612287,4063628,1338,42,,,0,48,
          |                                                   ^^^

        Why: A pilot compares two options: \`api\`, whatever is bought by the token, and \`self-host\`.
        Fix: Write \`api\` or \`self-host\`.
        More: docs/reference/errors.md#plt-117

      2 errors
      "
    `);
  });

  it("gives faults as JSON", async () => {
    checkout.write("faulty.csv", "start;end\n");
    const { code, stdout } = await pilot("report", "faulty.csv", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([{ code: "PLT-105", file: "faulty.csv", line: 1, column: 1 }]);
  });

  it("rejects a ledger that is not there or is a folder, and a stack file with faults", async () => {
    const first = async (...args: string[]) => (await pilot("report", ...args)).stderr.split("\n")[0];
    expect(await first("none.csv")).toBe("none.csv  RUN-112  The file none.csv cannot be read.");
    mkdirSync(join(checkout.root, "folder"));
    expect(await first("folder")).toBe("folder  RUN-112  The file folder cannot be read.");
    checkout.write("faulty.yaml", "name: x\n");
    expect(await first("ledger.csv", "--file", "faulty.yaml")).toMatch(/^faulty\.yaml:1:1 {2}CFG-101/);
    checkout.write("future.yaml", example("stack.yaml").replace("asOf: 2026-11-05", "asOf: 2027-11-05"));
    expect(await first("ledger.csv", "--file", "future.yaml")).toMatch(/^future\.yaml:\d+:\d+ {2}CST-107/);
  });

  it("rejects a giant after reading no more than the limit", async () => {
    writeFileSync(join(checkout.root, "giant.csv"), Buffer.alloc(17_000_000, "1,"));
    const { stderr } = await pilot("report", "giant.csv");
    expect(stderr.split("\n")[0]).toBe("giant.csv:1:1  PLT-103  The ledger has more than 16000000 bytes.");
  });
});

describe("the command line", () => {
  it.each([
    [["pilot"], "plan or report is missing"],
    [["pilot", "go"], 'there is no "go" of a pilot'],
    [["pilot", "report"], "report needs a ledger"],
    [["pilot", "report", "ledger.csv", "--ledger", "x"], "--ledger belongs to plan"],
    [["pilot", "plan", "--file", "x"], "--file belongs to report"],
  ])("rejects %j", async (args, problem) => {
    const { code, stderr } = await checkout.freehold(args);
    expect(code).toBe(1);
    expect(stderr).toContain("RUN-111");
    expect(stderr).toContain(problem);
  });
});
