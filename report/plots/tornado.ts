import { ink } from "../page/palette.ts";
import { axisUsd, niceSpan } from "../scale.ts";
import type { SensitivityEnd, SensitivityView } from "../view/sensitivity-view.ts";
import { box, draw, type Layout, label, line, plotWidth, shortened } from "./drawing.ts";

const barHeight = 9;
/** A name and its span stand in one line above their bars where there is room for it, else in two. */
const labelLines: Readonly<Record<Layout, number>> = { wide: 1, narrow: 2 };
const lineHeight = 17;
const barsHeight = 33;
const top = 26;
const bottom = 46;
const edge = 26;

/** What hosting saves a month with each input at its lower and upper bound, against what it saves now. */
export function tornadoPlot({ rows, savingUsd }: SensitivityView, layout: Layout): string {
  const width = plotWidth[layout];
  const labelHeight = labelLines[layout] * lineHeight;
  const rowHeight = labelHeight + barsHeight;
  const ends = rows.flatMap(({ low, high }) => [low.savingUsd, high.savingUsd]);
  const { bottom: min, top: max, step } = niceSpan(Math.min(savingUsd, ...ends), Math.max(savingUsd, ...ends));
  return draw(
    {
      margins: { left: edge, right: edge, top, bottom },
      x: { type: "value", min, max, interval: step, name: "saved a month by hosting", format: axisUsd },
      y: null,
      paint(toPixels, area) {
        const at = (usd: number) => toPixels(usd, 0)[0];
        const now = at(savingUsd);
        const isRight = now > width / 2;
        return [
          line(at(0), area.y, at(0), area.y + area.height, ink("rule"), 1.5),
          line(now, 16, now, area.y + area.height, ink("text"), 1.5, [4, 3]),
          ...rows.flatMap(({ input, span, low, high }, index) => {
            const y = area.y + index * rowHeight + 6;
            const lines = labelLines[layout] === 1 ? [`${input}: ${span}`] : [`${input}:`, span];
            return [
              ...bar(low, at, now, y + labelHeight, true),
              ...bar(high, at, now, y + labelHeight + barHeight + 2, false),
              ...lines.map((text, row) =>
                label(shortened(text, width - area.x - 8), area.x + 2, y + 7 + row * lineHeight),
              ),
            ];
          }),
          label("as the file stands", isRight ? now - 3 : now + 3, 11, {
            align: isRight ? "right" : "left",
            bold: true,
            small: true,
          }),
        ];
      },
    },
    { width, height: top + rows.length * rowHeight + bottom },
    `Saved a month by hosting, ${axisUsd(savingUsd)} as the file stands. ${rows.map(({ input, low, high }) => `${input}: ${axisUsd(low.savingUsd)} to ${axisUsd(high.savingUsd)}`).join(", ")}.`,
  );
}

/** A bar from what is saved now: hollow at the lower bound, filled at the upper; a diamond where the verdict turns. */
function bar(
  { savingUsd, turnsTo }: SensitivityEnd,
  at: (usd: number) => number,
  now: number,
  y: number,
  isLow: boolean,
) {
  const end = at(savingUsd);
  const style = isLow ? { fill: ink("surface"), stroke: ink("own") } : { fill: ink("own"), stroke: ink("own") };
  const [middle, reach] = [y + barHeight / 2, 6];
  return [
    box(now, y, end - now, barHeight, style),
    ...(turnsTo === null
      ? []
      : [
          {
            type: "polygon" as const,
            silent: true,
            shape: {
              points: [
                [end - reach, middle],
                [end, middle - reach],
                [end + reach, middle],
                [end, middle + reach],
              ],
            },
            style: { fill: ink("frontier"), stroke: ink("surface"), lineWidth: 1 },
          },
        ]),
  ];
}
