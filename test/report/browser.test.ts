// Proves: a real browser shows the page on a phone, a tablet and a desk, light, dark and on paper, without an error,
// without a sideways scroll, and without one text over another. It does not prove that it looks good: look at it.
//
// It needs a Chromium on the machine; where there is none, each test says that it did not run.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findBrowser, launchBrowser } from "../support/browser.ts";
import { apiStack, changed, hostingStack, pageOf } from "../support/report.ts";

const executable = findBrowser();
const folder = mkdtempSync(join(tmpdir(), "freehold-report-"));
let browser: Browser | null = null;

const longName = `${"a-model-with-a-name-that-never-ends-".repeat(5)}x`;
const pages = {
  "a stack that hosts": pageOf(hostingStack),
  "a stack that had better not": pageOf(apiStack),
  "a stack that cannot be deployed": pageOf(changed(hostingStack, ["itl: 50ms", "itl: 1ms"])),
  "a stack with names that never end": pageOf(
    changed(hostingStack, ["model: claude-opus-5", `model: ${longName}`], ["source: our quote", `source: ${longName}`]),
  ),
  // What the tests below look for, all of it: were it not found here, it would not be found anywhere.
  "everything that is wrong": `<!doctype html><title>x</title><main><svg width="200" height="50"><text x="10" y="20">one</text><text x="15" y="22">two</text><text x="190" y="40">outside</text></svg><p style="width:5000px">wide</p></main><img src="http://127.0.0.1:9/x.png" alt="">`,
  "a stack whose volume lies far from its break-even": pageOf(
    changed(apiStack, ["tokensPerMonth: 6e9", "tokensPerMonth: 2e8"], ["ttft: 2s", "ttft: 60s"]),
  ),
};

beforeAll(async () => {
  for (const [name, page] of Object.entries(pages)) writeFileSync(fileOf(name), page);
  if (executable !== null) browser = await launchBrowser(executable);
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});
beforeEach(({ skip }) =>
  skip(executable === null, "no Chromium on PATH and none fetched by Playwright; FREEHOLD_TEST_BROWSER names one"),
);

function fileOf(name: string): string {
  return join(folder, `${name.replaceAll(" ", "-")}.html`);
}

interface View {
  readonly width: number;
  readonly scheme: "light" | "dark";
  readonly media: "screen" | "print";
}

/** What `look` finds on a page, and every complaint of the browser, requests to anywhere included. */
async function visit<T>(name: string, { width, scheme, media }: View, look: (page: Page) => Promise<T>) {
  if (browser === null) throw new Error("the browser runs before any test does");
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    const file = pathToFileURL(fileOf(name)).href;
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (request.url() !== file) complaints.push(`asked for ${request.url()}`);
    });
    await page.emulateMedia({ media, colorScheme: scheme });
    await page.goto(file);
    return { found: await look(page), complaints };
  } finally {
    await context.close();
  }
}

/** Texts of visible plots that lie over each other or reach out of their plot, and how far the page reaches sideways. */
const faults = `(() => {
  const seen = (element) => element.getClientRects().length > 0 && element.getBoundingClientRect().width > 0;
  const found = [];
  const plots = [...document.querySelectorAll("svg")].filter(seen);
  for (const plot of plots) {
    const frame = plot.getBoundingClientRect();
    const texts = [...plot.querySelectorAll("text")].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    for (const { text, box } of texts) {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        found.push("out of its plot: " + text);
    }
    texts.forEach((a, index) => {
      for (const b of texts.slice(index + 1)) {
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        // Boxes hold the room above and below the letters, which may touch.
        if (across > 1 && down > 4) found.push(a.text + " over " + b.text);
      }
    });
  }
  const sideways = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (sideways > 0) {
    found.push("the page reaches " + sideways + " px too far");
    for (const element of document.querySelectorAll("main *"))
      if (element.getBoundingClientRect().right > document.documentElement.clientWidth + 1) found.push("too wide: " + element.outerHTML.slice(0, 80));
  }
  return { plots: plots.length, found: found.slice(0, 10) };
})()`;

interface Faults {
  readonly plots: number;
  readonly found: readonly string[];
}

const widths = [360, 768, 1280];

const sound = Object.keys(pages).filter((name) => name !== "everything that is wrong");

it("finds what is wrong where something is", async () => {
  const { found, complaints } = await visit(
    "everything that is wrong",
    { width: 360, scheme: "light", media: "screen" },
    (page) => page.evaluate<Faults>(faults),
  );
  expect(found.found).toEqual(
    expect.arrayContaining(["one over two", "out of its plot: outside", expect.stringContaining("px too far")]),
  );
  expect(complaints).toContain("asked for http://127.0.0.1:9/x.png");
});

describe.each(sound)("the page of %s", (name) => {
  it.each(widths.flatMap((width) => (["light", "dark"] as const).map((scheme) => ({ width, scheme }))))(
    "fits $width px, $scheme",
    async ({ width, scheme }) => {
      const { found, complaints } = await visit(name, { width, scheme, media: "screen" }, (page) =>
        page.evaluate<Faults>(faults),
      );
      expect(complaints).toEqual([]);
      expect(found.found).toEqual([]);
      // The memory of a GPU is drawn at least, where it could be computed.
      expect(found.plots).toBeGreaterThan(name.includes("cannot") ? -1 : 4);
    },
  );

  it("fits with everything unfolded", async () => {
    const { found } = await visit(name, { width: 360, scheme: "light", media: "screen" }, async (page) => {
      await page.evaluate(`for (const one of document.querySelectorAll("details")) one.open = true`);
      return page.evaluate<Faults>(faults);
    });
    expect(found.found).toEqual([]);
  });

  it("is printed dark on white whatever the screen prefers, each figure whole on its sheet", async () => {
    // A4 less its margins. CSS pixels.
    const sheet = { width: 688, height: 1017 };
    const { found, complaints } = await visit(
      name,
      { width: sheet.width, scheme: "dark", media: "print" },
      async (page) => ({
        ...(await page.evaluate<Faults>(faults)),
        style: await page.evaluate(`(() => {
          const body = getComputedStyle(document.body);
          return [body.backgroundColor, body.color, getComputedStyle(document.documentElement).getPropertyValue("--surface")];
        })()`),
        figures: await page.evaluate<{ height: number; breaks: string }[]>(
          `[...document.querySelectorAll("figure")].map((one) => ({ height: one.getBoundingClientRect().height, breaks: getComputedStyle(one).breakInside }))`,
        ),
        sheets: (await page.pdf({ format: "A4" })).length,
      }),
    );
    expect(complaints).toEqual([]);
    expect(found.found).toEqual([]);
    expect(found.style).toEqual(["rgb(255, 255, 255)", "rgb(26, 32, 39)", "#ffffff"]);
    for (const { height, breaks } of found.figures) {
      expect(breaks).toBe("avoid");
      expect(height).toBeLessThan(sheet.height);
    }
    expect(found.sheets).toBeGreaterThan(10_000);
  });
});

it("shows each plot once: wide or narrow, never both", async () => {
  for (const width of widths) {
    const { found } = await visit("a stack that hosts", { width, scheme: "light", media: "screen" }, (page) =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll("svg")].filter((one) => one.getClientRects().length > 0).map((one) => one.getAttribute("aria-label"))`,
      ),
    );
    expect(new Set(found).size).toBe(found.length);
    expect(found.length).toBeGreaterThanOrEqual(7);
  }
});
