// Proves: the page is one file that asks for nothing, holds no markup of anybody else, can be walked through by headings
// and tables, and says everything also where something is missing.
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { load } from "../../config/load.ts";
import { reportMark } from "../../report/page/page.ts";
import { renderReport } from "../../report/report.ts";
import { apiStack, changed, exampleReport, hostingStack, pageOf, reportInput } from "../support/report.ts";

const missed = changed(hostingStack, ["itl: 50ms", "itl: 1ms"]);
const noWorkloads = apiStack
  .replace(/workloads:[\s\S]*?team:.*\n/, "")
  .replaceAll("    versions:", "    tensorParallelSize: 1\n    replicas: 1\n    versions:");
const pages = [
  ["of a stack that hosts", pageOf(hostingStack)],
  ["of a stack that had better not", pageOf(apiStack)],
  ["of a stack that cannot be deployed", pageOf(missed)],
  ["of a stack without workloads", pageOf(noWorkloads)],
] as const;

describe.each(pages)("the page %s", (_, page) => {
  it("asks for nothing: no script, no address that is fetched, and a policy that forbids both", () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|<object|<embed|@import|url\(|srcset|javascript:| on\w+=/i);
    expect(page).toContain("default-src 'none'");
    for (const [, before = "", target = ""] of page.matchAll(/<(\w+)[^<>]* (?:src|href)="([^"]*)"/g)) {
      expect(before).toBe("a");
      expect(target).toMatch(/^(#[\w-]+|https?:\/\/)/);
    }
  });

  it("is small, bears its mark and closes what it opens", () => {
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
    expect(page).toContain(reportMark);
    for (const tag of ["section", "div", "figure", "table", "tr", "td", "th", "ul", "li", "p", "svg", "details", "g"]) {
      const opened = [...page.matchAll(new RegExp(`<${tag}[ >]`, "g"))].length;
      expect([tag, [...page.matchAll(new RegExp(`</${tag}>`, "g"))].length]).toEqual([tag, opened]);
    }
  });

  it("can be walked through by its headings: one first one, and no level left out", () => {
    const levels = [...page.matchAll(/<h(\d)[ >]/g)].map(([, level]) => Number(level));
    expect(levels[0]).toBe(1);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [index, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1);
  });

  it("heads every column and row of its tables, names every plot, and leads every link to somewhere", () => {
    for (const [table] of page.matchAll(/<table[\s\S]*?<\/table>/g)) {
      expect(table).toContain('<th scope="col"');
      for (const [row] of table.replace(/<thead[\s\S]*?<\/thead>/, "").matchAll(/<tr>[\s\S]*?<\/tr>/g)) {
        expect(row).toMatch(/^<tr><th scope="row">/);
      }
    }
    for (const [svg] of page.matchAll(/<svg [^>]*>/g)) expect(svg).toMatch(/role="img" aria-label="[^"]{20,}"/);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const anchors = [...page.matchAll(/(?:href="#|aria-labelledby=")([^"]+)"/g)].map(([, id]) => id);
    expect(anchors.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it("says nothing that is no word", () => {
    expect(page).not.toMatch(/NaN|Infinity|undefined|\bnull\b|\[object/);
  });
});

describe("the page", () => {
  it("gives the verdict of each workload first, then why", () => {
    const page = pageOf(hostingStack);
    const main = page.slice(page.indexOf("<main"));
    expect(main.indexOf("Host it yourselves.")).toBeGreaterThan(0);
    expect(main.indexOf("Host it yourselves.")).toBeLessThan(main.indexOf("Two answers"));
    const api = pageOf(apiStack);
    expect(api.indexOf("use an API")).toBeLessThan(api.indexOf('<section class="workload"'));
  });

  it("is the same, to the letter, each time", () => {
    expect(pageOf(hostingStack)).toBe(pageOf(hostingStack));
  });

  it("says that a stack cannot be deployed and keeps its verdicts", () => {
    const page = pageOf(missed);
    expect(page).toContain("The file cannot be deployed as it stands.");
    expect(page).toContain("Error CAP-133");
    expect(page).toContain("could not be sized for this workload");
    expect(page).toContain("By the rule of thumb, from volume alone");
  });

  it("says what to add where the file names no workloads, and shows the memory all the same", () => {
    const page = pageOf(noWorkloads);
    expect(page).toContain("The file names no workloads");
    expect(page).toContain("One GPU of h100");
  });

  it("leads to sources as plain links, and to nothing else that a source may hold", () => {
    expect(pageOf(hostingStack)).toContain('<a href="https://prices.example/quote?team=1&amp;year=2026"');
    const hostile = changed(hostingStack, [
      "https://prices.example/quote?team=1&year=2026",
      "javascript:alert(1)//https://a.example",
    ]);
    expect(pageOf(hostile)).not.toMatch(/href="(?!#|https:)/);
  });

  it("flags what has no date", () => {
    expect(pageOf(hostingStack)).toContain('<span class="flag">no date</span>');
  });
});

describe("hostile names", () => {
  const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)> '&\`{b}`;
  const stack = changed(
    hostingStack,
    ["model: claude-opus-5", `model: ${JSON.stringify(evil)}`],
    ["provider: anthropic", `provider: ${JSON.stringify("</svg><b>")}`],
    ["source: our quote", `source: ${JSON.stringify(evil)}`],
  );

  it("stand on the page and in its plots as text", () => {
    expect(load(stack).findings).toEqual([]);
    const page = renderReport(reportInput(stack, { file: `<i>${evil}.yaml` }));
    expect(page).not.toMatch(/<script|<img|<b>|<i>/);
    // Texts keep the words; no attribute is opened by them.
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*onerror/);
  });
});

it("stays below half a megabyte with ten workloads", () => {
  const one = / {2}support:\n[\s\S]*?(?=team:)/.exec(apiStack)?.[0] ?? "";
  const ten = Array.from({ length: 10 }, (_, index) =>
    one.replace("support", `support-${index}`).replace("6e9", `${index + 1}e9`),
  );
  const page = pageOf(apiStack.replace(one, ten.join("")));
  expect([...page.matchAll(/<section class="workload"/g)]).toHaveLength(11);
  expect(Buffer.byteLength(page)).toBeLessThan(512 * 1024);
});

describe("examples", () => {
  it.each(readdirSync(new URL("../../examples", import.meta.url)))("%s has a report", (name) => {
    expect(exampleReport(name)).toContain("Whether to host: ");
  });
});
