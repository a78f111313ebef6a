// Proves: what the documentation points at is there, and each decision record carries its number.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const adrFolder = join(root, "docs/adr");

function markdownBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
}

const pages = [
  ...["README.md", "CONTRIBUTING.md"].map((name) => join(root, name)),
  ...["docs", "examples", "charts"].flatMap((folder) => markdownBelow(join(root, folder))),
].map((path) => [relative(root, path), readFileSync(path, "utf8")] as const);

/** The anchors that headings give, as code hosts make them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  const anchors = headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return new Set([...anchors, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id)]);
}

describe.each(pages)("%s", (page, text) => {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);

  it("links to files and headings that are there", () => {
    const broken = links.filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? join(root, page) : resolve(root, dirname(page), file);
      if (!existsSync(path)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(path, "utf8")).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  it("names decision records that are there", () => {
    const numbers = [...text.matchAll(/\bADR (\d{4})\b/g)].map(([, number = ""]) => number);
    const known = readdirSync(adrFolder).map((name) => name.slice(0, 4));
    expect(numbers.filter((number) => !known.includes(number))).toEqual([]);
  });
});

describe("decision records", () => {
  it("are numbered without gaps", () => {
    const numbers = readdirSync(adrFolder).map((name) => Number(name.slice(0, 4)));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it.each(readdirSync(adrFolder))("%s carries its number, and says what was turned down", (name) => {
    const text = readFileSync(join(adrFolder, name), "utf8");
    expect(text.split("\n")[0]).toMatch(new RegExp(`^# ${name.slice(0, 4)}\\. `));
    for (const heading of ["Context", "Decision", "Consequences", "Alternatives turned down"]) {
      expect(text).toContain(`\n## ${heading}\n`);
    }
  });
});
