// Proves: marks lie where their figures belong, drawings hold no figure that is none, repeat to the letter, and take
// their colours and fonts from the page.
import { describe, expect, it } from "vitest";
import { costAgainstVolumePlot } from "../../../report/plots/cost-against-volume.ts";
import { layouts } from "../../../report/plots/drawing.ts";
import { loadPlot } from "../../../report/plots/latency-against-load.ts";
import { memoryBarPlot, memoryParts } from "../../../report/plots/memory-bar.ts";
import { offerBarsPlot } from "../../../report/plots/offer-bars.ts";
import { tornadoPlot } from "../../../report/plots/tornado.ts";
import { niceTop } from "../../../report/scale.ts";
import { readDrawing } from "../../support/drawing.ts";
import { apiStack, changed, hostingStack, viewOf, workloadOf } from "../../support/report.ts";

/** Margins of the plots, as they are drawn. CSS pixels. */
const costArea = { left: 58, right: 18 };
const loadArea = { left: 54, right: 14, top: 28, bottom: 46 };

const hosting = workloadOf(hostingStack, "support");
const api = workloadOf(apiStack, "support");
const releases = viewOf(apiStack).releases;

function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("the stack of this test has it");
  return value;
}

/** Every plot of both stacks, drawn anew at each call. */
function allPlots(): (readonly [name: string, svg: string])[] {
  return [hosting, api].flatMap((view) => [
    ...layouts.flatMap((layout) => [
      [`${view.verdict} cost ${layout}`, costAgainstVolumePlot(there(view.cost), layout)] as const,
      [`${view.verdict} offers ${layout}`, offerBarsPlot(view.offers, view.bill, layout)] as const,
      [`${view.verdict} tornado ${layout}`, tornadoPlot(there(view.sensitivity), layout)] as const,
      ...releases.map(
        ({ release, sizing }) => [`${release} memory ${layout}`, memoryBarPlot(there(sizing).memory, layout)] as const,
      ),
    ]),
    ...(["ttft", "itl", "throughput"] as const).map(
      (quantity) => [`${view.verdict} ${quantity}`, there(loadPlot(there(view.latency), quantity))] as const,
    ),
  ]);
}

describe.each(allPlots())("the plot %s", (_, svg) => {
  it("holds only figures that are figures", () => {
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it("takes colours and fonts from the page, and needs nothing from elsewhere", () => {
    const colors = [...svg.matchAll(/ (?:fill|stroke)="([^"]*)"/g)].map(([, color]) => color);
    expect(colors.length).toBeGreaterThan(5);
    expect(colors.filter((color) => color !== "none" && !color?.startsWith("var(--"))).toEqual([]);
    expect(svg).not.toMatch(/font-family|<style|<script|href|url\(| id=| class=/);
  });

  it("says what it shows to those who do not see it", () => {
    expect(readDrawing(svg).label.length).toBeGreaterThan(40);
    expect(svg).toMatch(/^<svg [^>]*role="img"/);
  });
});

it("draws the same, to the letter, each time", () => {
  expect(allPlots()).toEqual(allPlots());
});

describe("cost against volume", () => {
  it.each(layouts)("marks volume and break-even where they belong on a logarithmic axis (%s)", (layout) => {
    const view = there(hosting.cost);
    const { dots, width, texts } = readDrawing(costAgainstVolumePlot(view, layout));
    const x = (tokens: number) =>
      costArea.left +
      ((width - costArea.left - costArea.right) * Math.log(tokens / view.fromTokens)) /
        Math.log(view.toTokens / view.fromTokens);
    expect(dots).toHaveLength(2);
    expect(dots[0]?.x).toBeCloseTo(x(view.volume.tokens), 0);
    expect(dots[1]?.x).toBeCloseTo(x(there(view.breakEvens[0]).tokens), 0);
    expect(texts).toContain("your volume: 80 billion");
    expect(texts.some((text) => text.startsWith("5.26 billion"))).toBe(true);
  });

  it("marks them where they belong on a linear one, the break-even on both lines", () => {
    const view = there(api.cost);
    const svg = costAgainstVolumePlot(view, "wide");
    const { dots, width } = readDrawing(svg);
    const x = (tokens: number) => costArea.left + ((width - costArea.left - costArea.right) * tokens) / view.toTokens;
    expect(dots.map((dot) => Math.round(dot.x))).toEqual(
      [view.volume, ...view.breakEvens].map(({ tokens }) => Math.round(x(tokens))),
    );
    // The dashed line of the frontier runs from zero to its cost at the right end: the dot lies on it.
    const [, x1 = "", y1 = "", x2 = "", y2 = ""] =
      /<polyline points="([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)" fill="none" stroke="var\(--frontier\)"/.exec(svg) ?? [];
    const even = there(dots[1]);
    const share = (even.x - Number(x1)) / (Number(x2) - Number(x1));
    expect(even.y).toBeCloseTo(Number(y1) + share * (Number(y2) - Number(y1)), 0);
  });

  it("tells the lines apart by more than colour", () => {
    const svg = costAgainstVolumePlot(there(api.cost), "wide");
    const dashes = ["own", "frontier", "hosted"].map(
      (name) =>
        new RegExp(`stroke="var\\(--${name}\\)" stroke-width="2[.5]*"(?: stroke-dasharray="([^"]*)")?`).exec(svg)?.[1],
    );
    expect(dashes).toEqual([undefined, "8,5", "2,4"]);
  });
});

describe("latency against load", () => {
  it("marks the planned load on the line, and draws the objective", () => {
    const view = there(hosting.latency);
    const { dots, width, height, texts } = readDrawing(there(loadPlot(view, "ttft")));
    const planned = there(view.points.find(({ requests }) => requests === view.keptRequests));
    const last = there(view.points.at(-1));
    const [x, y] = [niceTop(last.requests).top, niceTop(Math.max(last.ttftMilliseconds.high, 2000) * 1.02).top];
    const [dot] = dots;
    expect(dot?.x).toBeCloseTo(loadArea.left + ((width - loadArea.left - loadArea.right) * planned.requests) / x, 0);
    expect(dot?.y).toBeCloseTo(
      height - loadArea.bottom - ((height - loadArea.top - loadArea.bottom) * planned.ttftMilliseconds.value) / y,
      0,
    );
    expect(texts).toContain("objective 2 s");
    expect(texts).toContain(`${view.keptRequests} planned`);
  });

  it("has no plot of what there is not: vectors have no time between tokens", () => {
    const indexing = there(workloadOf(apiStack, "indexing").latency);
    expect(loadPlot(indexing, "itl")).toBeNull();
    expect(loadPlot(indexing, "ttft")).not.toBeNull();
  });

  it("tells of an objective that lies far above, and keeps the figures in sight", () => {
    const slow = changed(hostingStack, ["ttft: 2s", "ttft: 60s"]);
    const { dots, height, texts } = readDrawing(there(loadPlot(there(workloadOf(slow, "support").latency), "ttft")));
    expect(texts).toContain("objective 60 s, above this plot");
    // In the upper two thirds.
    expect(there(dots[0]).y).toBeLessThan(height * 0.7);
  });

  it("draws no line for an objective that nobody has set", () => {
    const free = changed(hostingStack, ["    objectives: { ttft: 2s, itl: 50ms }\n", ""]);
    const { texts } = readDrawing(there(loadPlot(there(workloadOf(free, "support").latency), "ttft")));
    expect(texts.join(" ")).not.toContain("objective");
  });
});

describe("the memory of a GPU", () => {
  it.each(releases.map((release) => [release.release, there(release.sizing).memory] as const))(
    "is divided without rest for %s",
    (_, memory) => {
      const parts = memoryParts(memory);
      const sum = parts.reduce((all, { bytes }) => all + bytes, 0);
      expect(sum).toBeCloseTo(memory.visibleBytes, -3);
      expect(parts.every(({ bytes }) => bytes > 0)).toBe(true);
    },
  );
});

describe("the tornado", () => {
  it("puts a diamond where a bound turns the verdict, and nowhere else", () => {
    const near = there(
      workloadOf(changed(hostingStack, ["tokensPerMonth: 80e9", "tokensPerMonth: 16e9"]), "support").sensitivity,
    );
    const turns = near.rows.flatMap(({ low, high }) => [low, high]).filter(({ turnsTo }) => turnsTo !== null);
    const diamonds = (svg: string) => [...svg.matchAll(/<polygon [^>]*fill="var\(--frontier\)"/g)].length;
    expect(turns.length).toBeGreaterThan(0);
    expect(diamonds(tornadoPlot(near, "wide"))).toBe(turns.length);
  });

  it("names every input that moves something, with both its bounds", () => {
    const view = there(hosting.sensitivity);
    const { texts } = readDrawing(tornadoPlot(view, "wide"));
    for (const { input, span } of view.rows) expect(texts).toContain(`${input}: ${span}`);
  });
});
