import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { ProgressReport, spokenSeconds } from "../../cli/terminal/progress.ts";
import { table } from "../../cli/terminal/table.ts";
import type { Terminal } from "../../cli/terminal/terminal.ts";

function recorded(interactive: boolean): { terminal: Terminal; text: () => string } {
  const stderr = new PassThrough();
  const chunks: Buffer[] = [];
  stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  return {
    terminal: {
      stdout: new PassThrough(),
      stderr,
      stdin: new PassThrough(),
      interactive,
      canAsk: false,
      color: { stdout: false, stderr: false },
    },
    text: () => Buffer.concat(chunks).toString(),
  };
}

it("writes a line when a step begins and one when it ends, with its time, into a log", () => {
  const { terminal, text } = recorded(false);
  let now = 1000;
  const progress = new ProgressReport(terminal, () => now);
  progress.begin({ id: "build", label: "Compile etcd", estimateSeconds: 75 });
  now += 12_400;
  progress.end("build", "done");
  expect(text()).toBe("- Compile etcd, about 1 min 15 s\n+ Compile etcd: done, 12 s\n");
  expect(progress.finished).toEqual([{ label: "Compile etcd", seconds: 12.4, outcome: "done" }]);
});

it("ends a step as failed when its work throws", async () => {
  const { terminal } = recorded(false);
  const progress = new ProgressReport(terminal, () => 0);
  const work = progress.during(
    "x",
    "Try",
    () => Promise.reject(new Error("no")),
    () => "done",
  );
  await expect(work).rejects.toThrow("no");
  expect(progress.finished).toEqual([{ label: "Try", seconds: 0, outcome: "failed" }]);
});

it("leaves no drawn line behind on a terminal", () => {
  const { terminal, text } = recorded(true);
  const progress = new ProgressReport(terminal, () => 0);
  progress.begin({ id: "a", label: "Wait" });
  progress.end("a");
  expect(text()).toBe("\r\u001b[K+ Wait: done, 0.0 s\n");
});

it.each([
  [0.04, "0.0 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.4, "59 s"],
  [60, "1 min"],
  [285, "4 min 45 s"],
])("speaks of %d seconds as %s", (seconds, text) => {
  expect(spokenSeconds(seconds)).toBe(text);
});

it("aligns columns to their widest cell and leaves no blanks at line ends", () => {
  expect(table(["A", "LONGER"], [["value", "x"]])).toBe("A      LONGER\nvalue  x");
});
