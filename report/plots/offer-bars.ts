import { ink, type Palette } from "../page/palette.ts";
import { axisUsd, niceTop } from "../scale.ts";
import type { BillView, OfferRow } from "../view/offers-view.ts";
import { box, draw, type Layout, label, line, plotWidth, shortened, textWidth } from "./drawing.ts";

const rowHeight = 54;
const barHeight = 22;
const edge = 14;
const bottom = 30;

/** Colours of the own bill's lines, in their order. */
export const billColors: readonly (keyof Palette)[] = ["own", "team", "frontier"];

/** What a month costs with each offer that can be had: one bar each, the own one divided into its bill, with the range. */
export function offerBarsPlot(offers: readonly OfferRow[], bill: BillView | null, layout: Layout): string {
  const width = plotWidth[layout];
  const rows = offers.flatMap(({ title, name, kind, usdPerMonth }) =>
    usdPerMonth === null ? [] : [{ title: name === null || kind === "own" ? title : name, kind, usdPerMonth }],
  );
  const { top: max, step } = niceTop(Math.max(...rows.map(({ usdPerMonth }) => usdPerMonth.high)));
  return draw(
    {
      margins: { left: edge, right: edge + 12, top: 4, bottom },
      x: { type: "value", min: 0, max, interval: step, format: axisUsd },
      y: null,
      paint: (toPixels, area) =>
        rows.flatMap(({ title, kind, usdPerMonth }, index) => {
          const y = area.y + index * rowHeight + 22;
          const at = (usd: number) => toPixels(usd, 0)[0];
          const parts =
            kind === "own" && bill !== null
              ? bill.lines.map(({ label: name, usd }, part) => ({ name, usd, color: billColors[part] ?? kind }))
              : [{ name: "", usd: usdPerMonth.value, color: kind }];
          let from = 0;
          const bars = parts.flatMap(({ name, usd, color }) => {
            const [start, end] = [at(from), at(from + usd)];
            from += usd;
            const word = name.split(":")[0] ?? "";
            return [
              box(start, y, end - start, barHeight, { fill: ink(color), stroke: ink("surface") }),
              ...(word !== "" && textWidth(word) + 12 < end - start
                ? [label(word, start + 8, y + barHeight / 2, { fill: ink("onFill"), small: true, backdrop: "none" })]
                : []),
            ];
          });
          const [low, high] = [at(usdPerMonth.low), at(usdPerMonth.high)];
          const middle = y + barHeight / 2;
          const whisker =
            high - low < 2
              ? []
              : [
                  line(low, middle, high, middle, ink("text"), 1.5),
                  line(low, middle - 5, low, middle + 5, ink("text"), 1.5),
                  line(high, middle - 5, high, middle + 5, ink("text"), 1.5),
                ];
          return [
            label(shortened(title, width - 2 * edge), area.x, y - 10, { bold: kind === "own" }),
            ...bars,
            ...whisker,
          ];
        }),
    },
    { width, height: 4 + rows.length * rowHeight + bottom },
    `Cost of a month. ${rows.map(({ title, usdPerMonth }) => `${title}: ${axisUsd(usdPerMonth.value)}`).join(", ")}.`,
  );
}
