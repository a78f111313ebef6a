import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { pilotLedger } from "../support/pilot-ledger.ts";

const stack = readFileSync("examples/pilot/stack.yaml", "utf8");
let checkout: Checkout;
beforeEach(() => {
  checkout = newCheckout();
  checkout.write("config/stack.yaml", stack);
  checkout.write("ledger.csv", pilotLedger());
});
afterEach(() => checkout.remove());

const pilot = (...args: string[]) => checkout.freehold(["pilot", ...args]);

describe("freehold pilot plan", () => {
  it("says what runs side by side, what is written down and what decides", async () => {
    const { code, stdout } = await pilot("plan");
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("pilot-plan.md");
  });

  it("writes an empty ledger, and leaves one that is there alone", async () => {
    expect((await pilot("plan", "--ledger", "new.csv")).stderr).toContain("wrote new.csv");
    expect(readFileSync(join(checkout.root, "new.csv"), "utf8")).toMatch(/^start,end,workload,option,/);
    expect((await pilot("plan", "--ledger", "ledger.csv")).stderr).toContain("ledger.csv is there already");
    expect(readFileSync(join(checkout.root, "ledger.csv"), "utf8")).toBe(pilotLedger());
  });

  it("says that a ledger cannot be written", async () => {
    const { code, stderr } = await pilot("plan", "--ledger", "nowhere/new.csv");
    expect(code).toBe(1);
    expect(stderr).toContain("RUN-113  The file nowhere/new.csv cannot be written.");
    expect(existsSync(join(checkout.root, "nowhere"))).toBe(false);
  });
});

describe("freehold pilot report", () => {
  it("gives the verdict first, then both side by side", async () => {
    const { code, stdout, stderr } = await pilot("report", "ledger.csv", "--file", "config/stack.yaml");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    await expect(stdout).toMatchFileSnapshot("pilot-report.md");
  });

  it("prints the same as JSON", async () => {
    const { stdout } = await pilot("report", "ledger.csv", "--json");
    expect(JSON.parse(stdout).outcomes[0]).toMatchObject({ workload: "reading", verdict: { value: "self-host" } });
  });

  it("shows a fault of the ledger with its line and column", async () => {
    checkout.write("ledger.csv", pilotLedger().replace(",6,32760000", ",6,32.76e6"));
    const { code, stdout, stderr } = await pilot("report", "ledger.csv");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatchInlineSnapshot(`
      "ledger.csv:2:7  PLT-104  input_tokens is "32.76e6".

        Why: The column holds a whole number from 0 on.
        Fix: Correct input_tokens, in digits with a point and without a unit or a separator of thousands.
        More: docs/reference/errors.md#plt-104

      1 error
      "
    `);
  });

  it("shows every fault of a ledger at once", async () => {
    checkout.write("ledger.csv", pilotLedger().replace("+01:00", "").replace(",api,", ",cloud,"));
    const { stderr } = await pilot("report", "ledger.csv");
    expect(stderr).toContain("ledger.csv:2:1  PLT-105");
    expect(stderr).toContain("ledger.csv:3:4  PLT-104");
    expect(stderr).toContain("2 errors");
  });

  it.each([
    [["report", "none.csv"], "RUN-112  The file none.csv cannot be read."],
    [["report", "config"], "it is a folder"],
    [["report"], "RUN-111  The command line cannot be used: report needs a ledger."],
    [["plot"], 'pilot has the parts plan and report, not "plot"'],
    [[], 'not ""'],
    [["report", "ledger.csv", "--file", "none.yaml"], "RUN-112  The file none.yaml cannot be read."],
  ])("rejects %j", async (args, text) => {
    const { code, stdout, stderr } = await pilot(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(text);
  });

  it("rejects a stack file that is at fault, in its own words", async () => {
    checkout.write("config/stack.yaml", stack.replace("engineers: 0.75", "engineers: -1"));
    const { code, stderr } = await pilot("report", "ledger.csv", "--file", "config/stack.yaml");
    expect(code).toBe(1);
    expect(stderr).toContain("config/stack.yaml:");
  });

  it("rejects a plan for a file without workloads", async () => {
    const [head = ""] = stack.split("workloads:");
    const rest = stack.slice(stack.indexOf("nodePools:"));
    checkout.write(
      "config/stack.yaml",
      `${head}${rest}`.replace("nodePool: h100\n", "nodePool: h100\n    replicas: 2\n"),
    );
    expect((await pilot("plan")).stderr).toContain("The stack file names no workloads.");
  });
});
