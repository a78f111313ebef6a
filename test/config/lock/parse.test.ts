import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderFindings } from "../../../config/diagnostics/render.ts";
import { parseLock } from "../../../config/lock/parse.ts";
import { lockText } from "../../../config/lock/write.ts";
import { digestOf, lockOf } from "../../support/lock.ts";

const entry = `digest: ${digestOf("a")}, source: "https://ghcr.io", resolvedAt: "2026-11-01T00:00:00.000Z"`;
const withImages = (images: string) => `lockVersion: 1\nstack: demo/test\nimages: ${images}\nweights: {}\ncharts: {}\n`;
const codesOf = (text: string) => parseLock(text).findings.map(({ code }) => code);

describe("a lock file that cannot be trusted", () => {
  it.each([
    ["broken yaml", "images: [\n"],
    ["a key given twice", withImages(`{ "a:1": { ${entry} }, "a:1": { ${entry} } }`)],
    ["a tab as indentation", "images:\n\ta: 1\n"],
    ["a NUL byte", "lockVersion: 1\0"],
    ["bytes that are not UTF-8", "lockVersion: \uFFFD"],
    ["an alias bomb", "a: &a [1, 1]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"],
    ["two documents", "lockVersion: 1\n---\nlockVersion: 1\n"],
  ])("is rejected with LCK-201 for %s", (_, text) => {
    const { lock, findings } = parseLock(text);
    expect(lock).toBeNull();
    expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(["LCK-201"]));
    expect(findings[0]?.place).toHaveProperty("file", "lock");
  });

  it.each([
    ["nesting without end", `a: ${"[".repeat(5000)}`, "it is nested too deeply."],
    ["a second document", "lockVersion: 1\n---\nlockVersion: 1\n", "it holds several documents."],
  ])("says of %s in one finding what it is", (_, text, problem) => {
    expect(parseLock(text).findings.map(({ title }) => title)).toEqual([`The lock file cannot be read: ${problem}`]);
  });

  it.each([
    ["nothing", "", [], "is empty"],
    ["a comment only", "# hello\n", [], "is empty"],
    ["a list", "- 1\n", [], "is not a map"],
    ["a key that no lock has", withImages("{}") + "extra: 1\n", ["extra"], "is a key that no lock has"],
    [
      "a digest cut short",
      withImages(`{ "a:1": { ${entry.replace("aa", "")} } }`),
      ["images", "a:1", "digest"],
      "is not a hash of the kind that stands here",
    ],
    [
      "a local time",
      withImages(`{ "a:1": { ${entry.replace("Z", "")} } }`),
      ["images", "a:1", "resolvedAt"],
      "is not an instant in UTC",
    ],
    ["a missing section", "lockVersion: 1\nstack: demo/test\nimages: {}\nweights: {}\n", ["charts"], "is missing"],
    ["a `__proto__` key", withImages(`{ __proto__: { ${entry} } }`), ["images", "__proto__"], "names no reference"],
  ])("is rejected with LCK-202 at the key for %s", (_, text, path, problem) => {
    const { lock, findings } = parseLock(text);
    expect(lock).toBeNull();
    expect(findings.map(({ code }) => code)).toEqual(["LCK-202"]);
    expect(findings[0]?.place).toMatchObject({ file: "lock", path });
    expect(findings[0]?.title).toContain(problem);
  });

  it.each(["../outside", "/etc/passwd", "a/../../b", "..", "a\\b"])(
    "is rejected with LCK-202 for the file name `%s`",
    (name) => {
      const weights = {
        "acme/chat@main": {
          commit: "a".repeat(40),
          files: { [name]: { bytes: 1 } },
          source: "https://huggingface.co",
          resolvedAt: "2026-11-01T00:00:00.000Z",
        },
      };
      const { lock, findings } = parseLock(lockText(lockOf({ weights })));
      expect(lock).toBeNull();
      expect(findings.map(({ code }) => code)).toEqual(["LCK-202"]);
    },
  );

  it.each(
    [
      ["is open", "[".repeat(100_000)],
      ["is closed", `${"[".repeat(50_000)}${"]".repeat(50_000)}`],
      ["is shallow enough to be read", `${"[".repeat(100)}${"]".repeat(100)}`],
    ].map(([name, text = ""]) => ({ name, text: () => text })),
  )("is rejected when its nesting $name", ({ text }) => {
    const { lock, findings } = parseLock(text());
    expect(lock).toBeNull();
    expect(["LCK-201", "LCK-202"]).toContain(findings[0]?.code);
  });

  it("is rejected with a screen that shows where a merge was left unfinished", () => {
    const text = `${withImages("{}")}<<<<<<< HEAD\n=======\n>>>>>>> main\n`;
    const { findings } = parseLock(text);
    const files = { stack: { name: "stack.yaml", text: "" }, lock: { name: "stack.lock.yaml", text } };
    expect(renderFindings(findings, { files, color: false })).toMatchInlineSnapshot(`
      "stack.lock.yaml:6:1  LCK-201  The lock file cannot be read: it holds the marks of a merge that is not finished.

        5 | charts: {}
        6 | <<<<<<< HEAD
          | ^^^^^^^

        Why: The lock holds only what registries and the hub have answered, so nobody edits it by hand.
        Fix: Take the file from version control again, or delete it and run \`freehold lock\`.
        More: docs/reference/errors.md#lck-201

      1 error
      "
    `);
  });

  it("is rejected with LCK-203 beyond 4 MiB", () => {
    expect(codesOf("#".repeat(4 * 2 ** 20 + 1))).toEqual(["LCK-203"]);
  });

  it("is rejected with LCK-204 when a newer Freehold wrote it", () => {
    expect(codesOf(withImages("{}").replace("lockVersion: 1", "lockVersion: 2"))).toEqual(["LCK-204"]);
  });

  it("is rejected without an exception whatever it holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const { lock, findings } = parseLock(text);
        expect(lock).toBeNull();
        expect(findings.length).toBeGreaterThan(0);
      }),
    );
  });
});
