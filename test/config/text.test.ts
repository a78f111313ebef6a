// Proves: what is wrong with the text and the yaml of a stack file becomes a finding at its place, never an exception.
import { describe, expect, it } from "vitest";
import type { Finding } from "../../config/diagnostics/finding.ts";
import { Locator } from "../../config/diagnostics/locate.ts";
import { load } from "../../config/load.ts";
import { codesOf, soundStack, stackWith } from "../support/stack-file.ts";

/** `line:column` of each finding. */
function places(input: string | Uint8Array): string[] {
  const { findings, text } = load(input);
  const locator = new Locator(text);
  return findings.map((finding: Finding) => {
    if ("subject" in finding.place) return "outside";
    const { line, column } = locator.position(locator.span(finding.place).start);
    return `${line}:${column} ${finding.code}`;
  });
}

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const utf8 = (text: string) => new Uint8Array(Buffer.from(text, "utf8"));

describe("a sound file", () => {
  it("gives a config and no findings", () => {
    const { config, findings } = load(soundStack);
    expect(findings).toEqual([]);
    expect(config?.models.chat?.task).toBe("generate");
  });

  it.each([
    ["as bytes", utf8(soundStack)],
    ["with Windows line ends", soundStack.replaceAll("\n", "\r\n")],
    ["with a byte order mark", utf8(`\ufeff${soundStack}`)],
    ["without a final line end", soundStack.trimEnd()],
    ["with a document start", `---\n${soundStack}`],
    ["with text that is not ASCII in comments", `# größer als zuvor: 模型\n${soundStack}`],
    [
      "with an anchor and its alias",
      stackWith(["replicas: 2", "replicas: &two 2"], ["gpusPerNode: 8", "gpusPerNode: 8"]),
    ],
  ])("is read %s", (_, input) => {
    expect(codesOf(load(input))).toEqual([]);
    expect(load(input).config?.name).toBe("support-agents");
  });

  it("reads what an alias stands for", () => {
    const text = stackWith(["chat:", "chat: &chat"]).concat("  summaries: *chat\n");
    expect(load(text).config?.models.summaries).toEqual(load(text).config?.models.chat);
  });

  it("reads dates and words as text", () => {
    const text = stackWith(["{ repository: Qwen/Qwen3-32B }", "{ repository: Qwen/Qwen3-32B, revision: 2026-11-01 }"]);
    expect(load(text).config?.models.chat?.versions.v1?.weights.revision).toBe("2026-11-01");
  });
});

describe("text that is not yaml", () => {
  it.each<[string, string, string[]]>([
    ["a second colon on a line", "a: b: c\n", ["1:4 CFG-001"]],
    ["an escape that does not exist", 'a: "\\q"\n', ["1:5 CFG-001"]],
    ["two anchors on one value", "a: &x &y 1\n", ["1:7 CFG-001"]],
    ["a bracket that closes nothing", "a: }\n", ["1:4 CFG-001"]],
    ["text after a quoted value", 'a: "b" c\n', ["1:8 CFG-001"]],
    ["a tab as indentation", "a:\n\tb: 1\n", ["2:1 CFG-002"]],
    ["a tab between spaces", "a:\n  b: 1\n \tc: 2\n", ["3:2 CFG-002"]],
    ["a quote that is not closed", 'a: 1\nb: "x\nc: 2\n', ["2:4 CFG-003"]],
    ["a single quote that is not closed", "a: 1\nb: 'it''s\nc: 2\n", ["2:4 CFG-003"]],
    ["a brace that is not closed", "a: { b: 1\nc: 2\n", ["1:4 CFG-003"]],
    ["a bracket around a closed brace", "a: 1\nb: [1, { c: 2 }\n", ["2:4 CFG-003"]],
    ["a tab, without its echoes in the lines after it", "a:\n\tb: 1\n  c: 2\n  d: 3\n", ["2:1 CFG-002"]],
    ["a block with too few spaces, once", "a:\n  b: 1\n c: 2\n d: 3\n", ["3:2 CFG-004"]],
    ["a line with too few spaces", "a:\n  b: 1\n c: 2\n", ["3:2 CFG-004"]],
    ["a line with too many spaces", "a:\n  b: 1\n   c: 2\nd: 3\n", ["3:4 CFG-004"]],
    ["a no-break space as indentation", "a:\n  b: 1\n\u00a0\u00a0c: 2\n  d: 3\n", ["3:1 CFG-026"]],
    ["a no-break space before the first key of a map", "a:\n\u00a0 b: 1\n  c: 2\n", ["2:1 CFG-026"]],
    ["a no-break space after a colon", "a: 1\nb:\u00a02\nc: 3\n", ["2:3 CFG-026"]],
    ["a zero width space after a colon", "a: 1\nb:\u200b 2\nc: 3\n", ["2:3 CFG-026"]],
    ["a line without a colon", "a: 1\nfoo\nb: 2\n", ["2:1 CFG-005"]],
    ["a colon without a space", "a: 1\nreplicas:1\nb: 2\n", ["2:1 CFG-005"]],
    ["a reserved character", "a: @daily # at night\n", ["1:4 CFG-006"]],
    ["a percent sign", "a: %x\n", ["1:4 CFG-006"]],
    ["several documents", "a: 1\n---\nb: 2\n", ["2:1 CFG-015"]],
    ["a document end and another document", "a: 1\n...\n---\nb: 2\n", ["3:1 CFG-015"]],
    ["a directive", "%YAML 1.1\n---\na: yes\n", ["1:1 CFG-025"]],
    ["a tag of its own", "a: !secret x\n", ["1:4 CFG-021"]],
    ["a tag of yaml", "a: !!binary aGk=\n", ["1:4 CFG-021"]],
    ["a tag that names code", "a: !!python/object:os.system ls\n", ["1:4 CFG-021"]],
  ])("rejects %s", (_, text, expected) => {
    expect(places(text)).toEqual(expected);
    expect(load(text).config).toBeNull();
  });

  it("says how to write a line whose colon has no space", () => {
    expect(load("a: 1\nreplicas:1\nb: 2\n").findings[0]?.fix).toBe("Write `replicas: 1`.");
  });

  it("reports two separate faults of one file", () => {
    expect(places("a: @x\nb: 1\nc: `y`\n")).toEqual(["1:4 CFG-006", "3:4 CFG-006"]);
  });

  it("shows at most ten faults of the yaml", () => {
    expect(places("a: @x\n".repeat(50))).toHaveLength(10);
  });
});

describe("text that is no stack file", () => {
  it.each([
    ["null\n", "The file is empty."],
    ["~ # nothing\n", "The file is empty."],
    ["# one\n\n  # two", "The file holds only comments."],
  ])("says of %j what it is", (text, title) => {
    expect(load(text).findings[0]?.title).toBe(title);
  });

  it.each<[string, string, string[]]>([
    ["an empty file", "", ["1:1 CFG-013"]],
    ["blank lines", "\n\n", ["1:1 CFG-013"]],
    ["comments only", "# one\n# two\n", ["1:1 CFG-013"]],
    ["a document without content", "---\n", ["1:1 CFG-013"]],
    ["null", "null\n", ["1:1 CFG-013"]],
    ["a list", "- a\n- b\n", ["1:1 CFG-014"]],
    ["text", "hello\n", ["1:1 CFG-014"]],
    ["a number", "42\n", ["1:1 CFG-014"]],
    ["a list in brackets after a comment", "# a list\n[a, b]\n", ["2:1 CFG-014"]],
  ])("rejects %s", (_, text, expected) => {
    expect(places(text)).toEqual(expected);
  });

  it("tells an empty file from one with comments", () => {
    expect(load("").findings[0]?.title).toBe("The file is empty.");
    expect(load("# later\n").findings[0]?.title).toBe("The file holds only comments.");
  });
});

describe("bytes and characters", () => {
  it("rejects bytes of Latin-1 at their line and column", () => {
    const bytes = latin1(stackWith(["name: support", "name: s\u00fcpp\u00f6rt"]));
    expect(places(bytes)).toEqual(["2:8 CFG-016"]);
    expect(load(bytes).findings[0]?.why).toBe(
      'The file must be UTF-8; in Latin-1 this byte would be "ü". It is the first of 2 such bytes.',
    );
  });

  it.each<[string, number[]]>([
    ["a lone continuation byte", [0x80]],
    ["a sequence cut short", [0xe2, 0x82]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a point beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
  ])("rejects %s", (_, bytes) => {
    expect(places(new Uint8Array([...utf8("a: "), ...bytes, ...utf8("\n")]))).toEqual(["1:4 CFG-016"]);
  });

  it("accepts characters of two, three and four bytes", () => {
    expect(codesOf(load(utf8(`# é € 😀\n${soundStack}`)))).toEqual([]);
  });

  it.each([
    ["little-endian with its mark", new Uint8Array(Buffer.from(`\ufeff${soundStack}`, "utf16le"))],
    ["little-endian without a mark", new Uint8Array(Buffer.from(soundStack, "utf16le"))],
    ["big-endian", new Uint8Array(Buffer.from(`\ufeff${soundStack}`, "utf16le").swap16())],
  ])("rejects UTF-16, %s, and still shows its first line", (_, bytes) => {
    expect(places(bytes)).toEqual(["1:1 CFG-017"]);
    expect(load(bytes).text).toContain("apiVersion: freehold/v1alpha1");
  });

  it.each<[string, string, string]>([
    ["a NUL", "\0", "U+0000 (NUL)"],
    ["an escape", "\u001b", "U+001B (escape)"],
    ["a delete", "\u007f", "U+007F (delete)"],
    ["a byte order mark in the middle", "\ufeff", "U+FEFF (byte order mark, after the start of the file)"],
    ["a carriage return that ends no line", "\r", "U+000D (carriage return without a line feed)"],
    ["half a surrogate pair", "\ud800", "U+D800"],
  ])("rejects %s", (_, character, name) => {
    const text = stackWith(["environment: trial", `environment: tr${character}ial`]);
    expect(places(text)).toEqual(["3:16 CFG-018"]);
    expect(load(text).findings[0]?.title).toBe(`The character ${name} is not allowed in yaml.`);
  });

  it("rejects a NUL in bytes", () => {
    expect(places(utf8(stackWith(["environment: trial", "environment: tr\0ial"])))).toEqual(["3:16 CFG-018"]);
  });
});

describe("limits", () => {
  it("rejects a file of a megabyte before it is parsed", () => {
    expect(places(soundStack.padEnd(1_000_000, "#"))).toEqual(["1:1 CFG-010"]);
    expect(places(utf8(soundStack.padEnd(2 ** 20, "#")))).toEqual(["1:1 CFG-010"]);
    expect(places(`#${"é".repeat(500_000)}`)).toEqual(["1:1 CFG-010"]);
  });

  it("reads a file just below a megabyte", () => {
    expect(codesOf(load(`${soundStack}#`.padEnd(999_999, "#")))).toEqual([]);
  });

  it("rejects an alias bomb where it passes the limit", () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [from, to] of ["ab", "bc", "cd", "de", "ef", "fg"].map((pair) => [pair.charAt(0), pair.charAt(1)])) {
      bomb.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(", ")}]`);
    }
    expect(places(bomb.join("\n"))).toEqual(["5:1 CFG-009"]);
  });

  it.each([
    ["brackets", `a: ${"[".repeat(900_000)}`],
    ["braces", "{a: ".repeat(200_000)],
    ["dashes", "- ".repeat(400_000)],
    ["question marks", "? ".repeat(400_000)],
    ["indented keys", Array.from({ length: 1_300 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
  ])("rejects %s nested without end, without using up the stack", (_, text) => {
    expect(codesOf(load(text))).toEqual(["CFG-011"]);
  });

  it("stops at the second document, however many there are", () => {
    expect(places("---\n".repeat(240_000))).toEqual(["2:1 CFG-015"]);
  });

  it.each([
    ["quotes", '"'.repeat(999_000)],
    ["short lines", "a:\n".repeat(300_000)],
  ])("rejects a file that is nothing but %s", (_, text) => {
    expect(codesOf(load(text))).toEqual(["CFG-012"]);
  });
});

describe("keys and words with two meanings", () => {
  it("rejects a key that is written twice and shows both places", () => {
    const loaded = load(stackWith(["replicas: 2\n", "replicas: 2\n    replicas: 3\n"]));
    expect(codesOf(loaded)).toEqual(["CFG-008"]);
    expect(loaded.findings[0]?.also).toEqual([
      { path: ["models", "chat", "replicas"], token: "key", text: "replicas is written here first" },
    ]);
  });

  it("rejects a number and a text that name the same key", () => {
    expect(places(stackWith(["traffic: { v1: 100 }", 'traffic: { v1: 100, 1: 0, "1": 0 }']))).toContain(
      "17:31 CFG-008",
    );
  });

  it.each(["__proto__", "constructor", "prototype"])(
    "rejects the key %s, and changes nothing in this program",
    (key) => {
      const loaded = load(stackWith(["nodePools:\n", `nodePools:\n  ${key}: { polluted: true }\n`]));
      expect(codesOf(loaded)).toEqual(["CFG-019"]);
      expect(Reflect.get({}, "polluted")).toBeUndefined();
    },
  );

  it("rejects a merge key", () => {
    const text = stackWith(["  chat:\n", "  chat: &chat\n"]).concat("  other:\n    <<: *chat\n    replicas: 1\n");
    expect(places(text)).toContain("19:5 CFG-020");
  });

  it.each([
    ["a list", "? [a, b]\n: 1\n"],
    ["a map", "? { a: 1 }\n: 1\n"],
    ["an alias", "a: &x b\n*x : 1\n"],
  ])("rejects %s as a key", (kind, text) => {
    const finding = load(text).findings.find(({ code }) => code === "CFG-022");
    expect(finding?.title).toBe(`A key must be text; this one is ${kind}.`);
  });

  it.each([
    ["in a block", ": 1\n", 0],
    ["after another key", "b: 1\n\n: 1\n", 2],
    ["with a question mark", "? \n: 1\n", 1],
    ["without a value", "b: 1\n:\n", 1],
  ])("rejects an empty key at its colon, %s", (_, text, line) => {
    expect(places(`${soundStack}${text}`)).toContain(`${soundStack.split("\n").length + line}:1 CFG-022`);
    expect(load(text).findings[0]?.title).toBe("A key must be text; this one is empty.");
  });

  it("takes words that plain objects inherit for nothing but words", () => {
    expect(codesOf(load(stackWith(["engine: vllm", "engine: constructor"])))).toEqual(["CFG-104"]);
  });

  it("rejects a number that a no-break space follows, at that space", () => {
    expect(codesOf(load(stackWith(["replicas: 2", "replicas: 2\u00a0"])))).toEqual(["CFG-026"]);
  });

  it("leaves such spaces alone where they belong to the text", () => {
    expect(codesOf(load(stackWith(["replicas: 2", "replicas: 2 # two\u00a0copies"])))).toEqual([]);
  });

  it.each(["yes", "No", "ON", "off"])("rejects the unquoted word %s of yaml 1.1", (word) => {
    const loaded = load(stackWith(["environment: trial", `environment: ${word}`]));
    expect(codesOf(loaded)).toEqual(["CFG-023"]);
    expect(loaded.findings[0]?.fix).toContain(`"${word}"`);
  });

  it("accepts the same word in quotes", () => {
    expect(load(stackWith(["environment: trial", 'environment: "no"'])).config?.environment).toBe("no");
  });

  it("rejects such a word as a key", () => {
    const loaded = load(stackWith(["v1: { w", "on: { w"], ["{ v1: 100 }", '{ "on": 100 }']));
    expect(codesOf(loaded)).toEqual(["CFG-023"]);
  });

  it("says once what is wrong with a word where a number belongs", () => {
    expect(codesOf(load(stackWith(["replicas: 2", "replicas: yes"])))).toEqual(["CFG-023"]);
  });

  it.each(["99999999999999999999", "1e400", ".inf", "-.inf", ".nan"])("rejects the number %s", (number) => {
    const loaded = load(stackWith(["maxModelLen: 32768", `maxModelLen: ${number}`]));
    expect(codesOf(loaded)).toEqual(["CFG-024"]);
    expect(loaded.findings[0]?.title).toBe(`The number ${number} cannot be held exactly.`);
  });

  it("rejects an alias without its anchor and names the nearest", () => {
    const loaded = load(
      stackWith(["tensorParallelSize: 2", "tensorParallelSize: &double 2"], ["replicas: 2", "replicas: *duoble"]),
    );
    expect(codesOf(loaded)).toEqual(["CFG-007"]);
    expect(loaded.findings[0]?.fix).toBe('Did you mean *double? If text is meant, quote it: "*duoble".');
  });

  it("rejects an alias to the value that holds it", () => {
    expect(codesOf(load("a: &a [*a]\n"))).toContain("CFG-007");
  });
});
