// Proves: findings are shown in order, with the caret under what they mean, whatever the line holds.
import { describe, expect, it } from "vitest";
import type { Finding, Place } from "../../config/diagnostics/finding.ts";
import { at, finding, passes } from "../../config/diagnostics/finding.ts";
import { Locator } from "../../config/diagnostics/locate.ts";
import { renderFindings, toJson } from "../../config/diagnostics/render.ts";
import { soundStack } from "../support/stack-file.ts";

/** The code frame of one finding at `[start, end]` of a text: the lines between the header and the reasons. */
function frame(text: string, offsets: readonly [number, number]): string[] {
  const one = finding("CFG-001", { file: "stack", offsets }, { problem: "a test" });
  const screen = renderFindings([one], { files: { stack: { name: "a.yaml", text } }, color: false });
  return screen.split("\n\n")[1]?.split("\n") ?? [];
}

/** The frame for the first `marked` in a text. */
function frameOf(text: string, marked: string): string[] {
  const start = text.indexOf(marked);
  return frame(text, [start, start + marked.length]);
}

function raise(place: Place): Finding {
  return finding("CFG-001", place, { problem: "a test" });
}

const stack = { name: "config/stack.yaml", text: soundStack };

it("keeps the lines of what another program said, indented, and shows its control characters as pictures", () => {
  const said = { stack: "platform", binary: "terraform", step: "apply", detail: "Error: no\n\u001b[31m  on line 3\n" };
  expect(renderFindings([finding("RUN-124", { subject: "platform" }, said)], { files: {}, color: false })).toContain(
    "  Why: Error: no\n       ␛[31m  on line 3\n  Fix: ",
  );
});

describe("the code frame", () => {
  it("shows the line before, the line and the caret", () => {
    expect(frameOf("a: 1\nb: wrong\nc: 3\n", "wrong")).toEqual(["  1 | a: 1", "  2 | b: wrong", "    |    ^^^^^"]);
  });

  it("shows no line before the first", () => {
    expect(frameOf("a: wrong\n", "wrong")).toEqual(["  1 | a: wrong", "    |    ^^^^^"]);
  });

  it("aligns line numbers of different width", () => {
    expect(frameOf(`${"a: 1\n".repeat(9)}b: wrong\n`, "wrong")).toEqual([
      "   9 | a: 1",
      "  10 | b: wrong",
      "     |    ^^^^^",
    ]);
  });

  it("marks an empty place with one caret", () => {
    expect(frame("a:\n", [2, 2])).toEqual(["  1 | a:", "    |   ^"]);
  });

  it("marks a value of several lines to the end of its first", () => {
    expect(frameOf("a: [one,\n  two]\n", "[one,\n  two]")).toEqual(["  1 | a: [one,", "    |    ^^^^^"]);
  });

  it("keeps tabs before the caret, so that it is right whatever their width", () => {
    expect(frameOf("a:\tb:\twrong\n", "wrong")).toEqual(["  1 | a:\tb:\twrong", "    |   \t  \t^^^^^"]);
  });

  it("counts wide characters twice and combining ones not at all", () => {
    expect(frameOf("模型: wrong\n", "wrong")).toEqual(["  1 | 模型: wrong", "    |       ^^^^^"]);
    expect(frameOf("cafe\u0301: wrong\n", "wrong")).toEqual(["  1 | cafe\u0301: wrong", "    |       ^^^^^"]);
    expect(frameOf("a: 模型\n", "模型")).toEqual(["  1 | a: 模型", "    |    ^^^^"]);
    expect(frameOf("😀: wrong\n", "wrong")).toEqual(["  1 | 😀: wrong", "    |     ^^^^^"]);
    expect(frameOf("✅⭐: wrong\n", "wrong")).toEqual(["  1 | ✅⭐: wrong", "    |       ^^^^^"]);
    expect(frameOf("🇩🇪: wrong\n", "wrong")).toEqual(["  1 | 🇩🇪: wrong", "    |     ^^^^^"]);
  });

  it("shows control characters as their pictures", () => {
    expect(frameOf("a: \u001b[31m wrong\n", "wrong")).toEqual(["  1 | a: ␛[31m wrong", "    |          ^^^^^"]);
  });

  it("cuts a long line around the caret, and the line before at the same place", () => {
    const [previous = "", line = "", caret = ""] = frameOf(
      `${"p".repeat(400)}\n${"x".repeat(300)}wrong${"y".repeat(300)}\n`,
      "wrong",
    );
    expect(line).toMatch(/^ {2}2 \| …x+wrongy+…$/);
    expect(line.length).toBeLessThan(135);
    expect(line.slice(caret.indexOf("^"), caret.lastIndexOf("^") + 1)).toBe("wrong");
    expect(previous).toMatch(/^ {2}1 \| …p+…$/);
  });

  it("does not cut a character of two units in half", () => {
    const [line = ""] = frameOf(`${"😀".repeat(151)}wrong\n`, "wrong");
    expect(line).not.toMatch(/\p{Cs}|\ufffd/u);
  });

  it("drops the carriage return of Windows line ends and the byte order mark", () => {
    expect(frameOf("\ufeffa: wrong\r\nb: 2\r\n", "wrong")).toEqual(["  1 | a: wrong", "    |    ^^^^^"]);
    expect(frameOf("a: 1\r\nb: wrong\r\n", "wrong")).toEqual(["  1 | a: 1", "  2 | b: wrong", "    |    ^^^^^"]);
  });
});

it("shows each line of another program's words below the first, where none can pass for one of ours", () => {
  const words = finding(
    "RUN-140",
    { subject: "chat-v1" },
    { release: "chat-v1", detail: "one\nFix: \u001b[2Jnothing" },
  );
  const screen = renderFindings([words], { files: {}, color: false });
  expect(screen.split("\n").slice(2, 5)).toEqual([
    "  Why: one",
    "       Fix: ␛[2Jnothing",
    "  Fix: Mend what it names and run the command again. The release was rolled back to what ran before.",
  ]);
});

describe("places", () => {
  const locator = new Locator(soundStack);
  const marked = (place: Exclude<Place, { subject: string }>) => {
    const { start, end } = locator.span(place);
    return soundStack.slice(start, end);
  };

  it("points at a value by default and at its key on request", () => {
    expect(marked({ file: "stack", path: ["models", "chat", "replicas"] })).toBe("2");
    expect(marked({ file: "stack", path: ["models", "chat", "replicas"], token: "key" })).toBe("replicas");
  });

  it("points at the key of the nearest ancestor when a key is not there", () => {
    expect(marked({ file: "stack", path: ["models", "chat", "image"] })).toBe("chat");
    expect(marked({ file: "stack", path: ["models", "other", "versions", "v1"] })).toBe("models");
  });

  it("points at the first line when there is no ancestor", () => {
    expect(marked({ file: "stack", path: ["gateway"] })).toBe("apiVersion: freehold/v1alpha1");
    expect(marked({ file: "stack", path: [] })).toBe("apiVersion: freehold/v1alpha1");
  });

  it("points into lists", () => {
    const text = "zones: [a, b]\n";
    const { start, end } = new Locator(text).span({ file: "stack", path: ["zones", 1] });
    expect(text.slice(start, end)).toBe("b");
  });

  it("points into what an alias stands for", () => {
    const text = "a: &a { b: 1 }\nc: *a\n";
    const { start, end } = new Locator(text).span({ file: "stack", path: ["c", "b"], token: "key" });
    expect([start, text.slice(start, end)]).toEqual([8, "b"]);
  });

  it("stays inside a file that became shorter", () => {
    expect(new Locator("a: 1").span({ file: "stack", offsets: [100, 200] })).toEqual({ start: 4, end: 4 });
  });
});

describe("a screen", () => {
  it("is empty without findings", () => {
    expect(renderFindings([], { files: { stack }, color: false })).toBe("");
  });

  it("shows no code frame for what lies outside the files", () => {
    const screen = renderFindings([raise({ subject: "terraform" })], { files: { stack }, color: false });
    expect(screen).toBe(
      [
        "terraform  CFG-001  The yaml cannot be read here: a test.",
        "",
        "  Why: Nothing in the file is used until all of it can be read.",
        "  Fix: Correct the marked place; an editor with a yaml language server shows it as you type.",
        "  More: docs/reference/errors.md#cfg-001",
        "",
        "1 error",
        "",
      ].join("\n"),
    );
  });

  it("has errors in file order, then the lock, then what lies outside, then warnings", () => {
    const lock = { name: "config/stack.lock.yaml", text: "lockVersion: 1\n" };
    const warning = finding("CFG-216", at(["nodePools", "h100"], "key"), { pool: "h100", gpus: 16 });
    const findings = [
      warning,
      raise({ subject: "terraform" }),
      raise({ file: "lock", path: ["lockVersion"] }),
      raise(at(["models", "chat"], "key")),
      raise(at(["name"])),
    ];
    const screen = renderFindings(findings, { files: { stack, lock }, color: false });
    expect(screen.split("\n").filter((line) => /^\S+ {2}[A-Z]/.test(line))).toEqual([
      "config/stack.yaml:2:7  CFG-001  The yaml cannot be read here: a test.",
      "config/stack.yaml:9:3  CFG-001  The yaml cannot be read here: a test.",
      "config/stack.lock.yaml:1:14  CFG-001  The yaml cannot be read here: a test.",
      "terraform  CFG-001  The yaml cannot be read here: a test.",
      'config/stack.yaml:7:3  CFG-216  No model runs on the node pool "h100".',
    ]);
    expect(screen.endsWith("\n\n4 errors, 1 warning\n")).toBe(true);
  });

  it("prints a lock's finding without a frame when no lock was read", () => {
    const screen = renderFindings([raise({ file: "lock", path: ["images"] })], { files: { stack }, color: false });
    expect(screen.startsWith("stack.lock.yaml  CFG-001  ")).toBe(true);
  });

  it("needs no file for what lies outside all of them", () => {
    expect(renderFindings([raise({ subject: "terraform" })], { files: {}, color: false })).toContain(
      "terraform  CFG-001",
    );
    expect(renderFindings([raise(at(["name"]))], { files: {}, color: false }).startsWith("stack.yaml  CFG-001")).toBe(
      true,
    );
  });

  it("points from one file to the other", () => {
    const lock = { name: "config/stack.lock.yaml", text: "stack: a/b\n" };
    const other = finding("CFG-001", { file: "lock", path: ["stack"] }, { problem: "a test" }, [
      { file: "stack", path: ["name"], text: "the name is set here" },
    ]);
    const screen = renderFindings([other], { files: { stack, lock }, color: false });
    expect(screen).toContain("\n  also config/stack.yaml:2:7  the name is set here\n");
  });

  it("adds colour without changing the text", () => {
    const findings = [raise(at(["name"]))];
    const plain = renderFindings(findings, { files: { stack }, color: false });
    const colored = renderFindings(findings, { files: { stack }, color: true });
    expect(colored).not.toBe(plain);
    const codes = ["\u001b[1m", "\u001b[31m", "\u001b[0m"];
    expect(codes.reduce((text, code) => text.replaceAll(code, ""), colored)).toBe(plain);
  });

  it("does not let a value move the cursor", () => {
    const one = finding("CFG-202", at(["name"]), { pool: "\u001b[2J", min: 2, max: 1 });
    expect(renderFindings([one], { files: { stack }, color: false })).toContain('The node pool "␛[2J"');
  });
});

describe("findings for programs", () => {
  it("carry one-based places, the second places and the link", () => {
    const also = [{ path: ["cluster", "target"], text: "the target is set here: existing" }];
    const one = finding("CFG-210", at(["state", "backend"]), { target: "existing" }, also);
    expect(toJson([one], { stack })).toEqual([
      {
        file: "config/stack.yaml",
        subject: null,
        line: 4,
        column: 19,
        endLine: 4,
        endColumn: 24,
        code: "CFG-210",
        severity: "error",
        title: one.title,
        why: one.why,
        fix: one.fix,
        also: [{ file: "config/stack.yaml", line: 5, column: 20, text: "the target is set here: existing" }],
        docs: "docs/reference/errors.md#cfg-210",
      },
    ]);
  });

  it("have no place when they concern something outside the files", () => {
    expect(toJson([raise({ subject: "terraform" })], { stack })[0]).toMatchObject({
      file: null,
      subject: "terraform",
      line: null,
      endColumn: null,
    });
  });
});

describe("whether a run may go on", () => {
  it("depends on errors only", () => {
    const warning = finding("CFG-216", at(["nodePools"]), { pool: "h100", gpus: 0 });
    expect([passes([]), passes([warning]), passes([warning, raise(at([]))])]).toEqual([true, true, false]);
  });
});
