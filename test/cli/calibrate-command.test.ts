// Proves: `freehold calibrate` prints thresholds with the simple ways beside them, and tells every fault of a labelled
// set with its place. What is chosen and why: test/decisions/calibration.test.ts.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Checkout, newCheckout } from "../support/checkout.ts";

const answers = readFileSync(new URL("calibrate.answers.jsonl", import.meta.url), "utf8");

let checkout: Checkout;
beforeEach(() => {
  checkout = newCheckout();
  checkout.write("answers.jsonl", answers);
});
afterEach(() => checkout.remove());

const calibrate = (...args: string[]) => checkout.freehold(["calibrate", ...args]);

it("prints the simple ways, and each signal with its threshold and its curve", async () => {
  const { code, stdout, stderr } = await calibrate("answers.jsonl");
  expect(code).toBe(0);
  // By length as many requests have to go on that chance does as well.
  expect(stderr.split("\n")[0]).toMatch(
    /^labelled set {2}CLB-111 {2}Sending on .* by promptTokens is not clearly better/,
  );
  await expect(stdout).toMatchFileSnapshot("calibrate.example.md");
});

it("is shown in docs/how-to/calibrate-escalation.md as it is, beside lines of the set as they are", async () => {
  const page = readFileSync(new URL("../../docs/how-to/calibrate-escalation.md", import.meta.url), "utf8");
  const { stdout } = await calibrate("answers.jsonl");
  const [lines = "", shown = ""] = [...page.matchAll(/```(?:json|text)\n([\s\S]*?)\n```/g)].map(
    ([, block = ""]) => block,
  );
  expect(stdout).toContain(shown);
  expect(shown.length).toBeGreaterThan(500);
  expect(answers).toContain(lines);
});

it("gives the same as JSON, and warns of what is no better than chance", async () => {
  const coin = answers
    .trimEnd()
    .split("\n")
    .map((line, index) => {
      const request = JSON.parse(line);
      return JSON.stringify({ ...request, signals: { coin: ((index * 7919) % 101) / 101 } });
    });
  checkout.write("coin.jsonl", coin.join("\n"));
  const { code, stdout } = await calibrate("coin.jsonl", "--quality", "0.85", "--json");
  expect(code).toBe(0);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ requests: 400, target: 0.85 });
  expect(result.signals.map(({ signal }: { signal: string }) => signal).sort()).toEqual(["coin", "promptTokens"]);
  expect(result.findings.map(({ code: found }: { code: string }) => found)).toContain("CLB-111");
});

describe("bad input", () => {
  const first = async (text: string | Buffer) => {
    writeFileSync(join(checkout.root, "bad.jsonl"), text);
    const { code, stdout, stderr } = await calibrate("bad.jsonl");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    return stderr.split("\n")[0];
  };
  const good = JSON.parse(answers.slice(0, answers.indexOf("\n")));
  const line = (more: object) => JSON.stringify({ ...good, ...more });

  it.each([
    ["nothing", "", "bad.jsonl:1:1  CLB-101  The labelled set is empty."],
    [
      "bytes that are no text",
      Buffer.from([0x7b, 0xff, 0x00]),
      "bad.jsonl:1:2  CLB-101  The labelled set is not text in UTF-8.",
    ],
    ["no JSON", "{", "bad.jsonl:1:1  CLB-103  This line is not JSON."],
    ["a list", "[1]", "bad.jsonl:1:1  CLB-103  This line is "],
    ["a field too many", line({ localCorect: true }), 'bad.jsonl:1:1  CLB-105  The field "localCorect" is not known.'],
    [
      "a field of Object's own",
      line({ constructor: 1 }),
      'bad.jsonl:1:1  CLB-105  The field "constructor" is not known.',
    ],
    ["a field too few", line({ frontierUsd: undefined }), "bad.jsonl:1:1  CLB-104  The field frontierUsd is missing."],
    [
      "a percentage",
      line({ localCorrect: 80 }),
      "bad.jsonl:1:1  CLB-106  localCorrect is 80; it has to be true, false or a number from 0 to 1.",
    ],
    ["a negative length", line({ promptTokens: -1 }), "bad.jsonl:1:1  CLB-106  promptTokens is -1"],
    [
      "a signal that is no number",
      line({ signals: { judge: "high" } }),
      'bad.jsonl:1:1  CLB-106  signals.judge is "high"; it has to be a number.',
    ],
    [
      "a signal with a name that is none",
      line({ signals: { "a b": 1 } }),
      "bad.jsonl:1:1  CLB-106  the name of a signal is",
    ],
    [
      "signals that differ",
      `${line({})}\n${line({ id: "x", signals: { judge: 1 } })}`,
      "bad.jsonl:2:1  CLB-107  The signal meanLogProbability of line 1 is missing here.",
    ],
    [
      "signals that are new",
      `${line({ signals: {} })}\n${line({ id: "x", signals: { judge: 1 } })}`,
      "bad.jsonl:2:1  CLB-107  The signal judge of line 2 is missing on line 1.",
    ],
    [
      "a request that is there twice",
      `${line({})}\n${line({})}`,
      'bad.jsonl:2:1  CLB-108  The id "q-1" is on line 1 already.',
    ],
    ["too few", line({}), "bad.jsonl:1:1  CLB-109  The labelled set has 1 requests; 100 are the least."],
  ])("is told with its place: %s", async (_, text, told) => {
    expect(await first(text)).toContain(told);
  });

  it("says of the same fault on every line that there are more", async () => {
    writeFileSync(join(checkout.root, "bad.jsonl"), `${line({ localCorrect: 80 })}\n`.repeat(50));
    const { stderr } = await calibrate("bad.jsonl");
    expect(stderr).toContain("CLB-113  At least 40 more of CLB-106 are in the labelled set.");
  });

  it("is read no further than the limit", async () => {
    expect(await first(Buffer.alloc(64_000_002, "{}\n"))).toBe(
      "bad.jsonl:1:1  CLB-102  The labelled set has more than 64000000 bytes.",
    );
  });

  it("is told when there is no file, or a folder", async () => {
    expect((await calibrate("none.jsonl")).stderr).toMatch(
      /^none\.jsonl {2}RUN-112 {2}The file none\.jsonl cannot be read\./,
    );
    mkdirSync(join(checkout.root, "folder"));
    expect((await calibrate("folder")).stderr).toContain("RUN-112");
  });

  it.each([
    [["calibrate"], "a labelled set is missing"],
    [["calibrate", "answers.jsonl", "--quality", "90"], "--quality 90 is no share"],
    [["calibrate", "answers.jsonl", "--quality", "x"], "--quality x is no share"],
  ])("of the command line is refused: %j", async (args, problem) => {
    const { code, stderr } = await checkout.freehold(args);
    expect(code).toBe(1);
    expect(stderr).toContain("RUN-111");
    expect(stderr).toContain(problem);
  });
});
