import { volumeText } from "../../decisions/cost/money.ts";
import { ink } from "../page/palette.ts";
import { axisTokens, axisUsd, niceTop } from "../scale.ts";
import type { CostView } from "../view/cost-view.ts";
import { dot, draw, type Layout, label, line, overlay, plotWidth, shortened, textWidth, valueAxis } from "./drawing.ts";

const plotHeight: Readonly<Record<Layout, number>> = { wide: 280, narrow: 240 };
const rowHeight = 20;
const left = 58;
const right = 18;
const bottom = 46;
/** How each offer's line is broken: colour is not the only way to tell them apart. */
export const offerDash = { frontier: [8, 5], hosted: [2, 4] } as const;

/** Monthly cost of each offer over the volume; the file's volume and each break-even have a line and a row of their own above. */
export function costAgainstVolumePlot(view: CostView, layout: Layout): string {
  const { isLogarithmic, fromTokens, toTokens, own, offers } = view;
  const width = plotWidth[layout];
  const marks = marksOf(view);
  const top = 8 + marks.length * rowHeight;
  const type = isLogarithmic ? ("log" as const) : ("value" as const);
  const cost = costScale(view);
  const x = isLogarithmic ? {} : { interval: niceTop(toTokens).step };
  return draw(
    {
      grid: { left, right, top, bottom },
      xAxis: valueAxis(
        { type, min: fromTokens, max: toTokens, name: "tokens a month", splitLine: false, ...x },
        axisTokens,
      ),
      yAxis: valueAxis({ type, ...cost }, axisUsd),
      series: [
        overlay(
          (toPixels, area) => [
            {
              type: "polygon",
              silent: true,
              shape: {
                points: [...own.high, ...[...own.low].reverse()].map(({ tokens, usd }) => {
                  const [px, py] = toPixels(tokens, Math.max(usd, cost.min));
                  return [px, Math.max(area.y, py)];
                }),
              },
              style: { fill: ink("own"), opacity: 0.14 },
            },
          ],
          1,
        ),
        ...offers.map(({ kind, usdPerMillion }) => ({
          type: "line" as const,
          silent: true,
          symbol: "none",
          clip: false,
          z: 3,
          lineStyle: { color: ink(kind), width: 2, type: [...offerDash[kind]] },
          data: [fromTokens, toTokens].map((tokens) => [tokens, (tokens / 1e6) * usdPerMillion.value]),
        })),
        {
          type: "line" as const,
          silent: true,
          symbol: "none",
          clip: false,
          z: 4,
          lineStyle: { color: ink("own"), width: 2.5, join: "miter" },
          data: own.value.map(({ tokens, usd }) => [tokens, usd]),
        },
        overlay((toPixels, area) => {
          const placed = marks.map((mark, row) => {
            const [px, py] = toPixels(mark.tokens, mark.usd);
            return { ...mark, px, py, rowY: 8 + row * rowHeight + rowHeight / 2 };
          });
          // Lines first: a label hides the part of a line that would run through it.
          return [
            ...placed.map(({ px, py, rowY, color, isVolume }) =>
              isVolume
                ? line(px, rowY, px, area.y + area.height, color, 1.5)
                : line(px, rowY, px, py, color, 1, [3, 3]),
            ),
            ...placed.flatMap(({ px, py, rowY, text, color, isVolume }) => {
              const isRight = px + 12 + textWidth(text) <= width;
              const shown = shortened(text, isRight ? width - px - 12 : px - 12);
              return [
                dot(px, py, color, !isVolume),
                label(shown, isRight ? px + 3 : px - 3, rowY, {
                  align: isRight ? "left" : "right",
                  fill: color,
                  bold: isVolume,
                }),
              ];
            }),
          ];
        }),
      ],
    },
    { width, height: plotHeight[layout] + top + bottom },
    description(view),
  );
}

function description({ volume, breakEvens, offers }: CostView): string {
  const bought = offers.map(
    ({ name, usdPerMillion }) => `${name} ${axisUsd((volume.tokens / 1e6) * usdPerMillion.value)}`,
  );
  const even = breakEvens.map(
    ({ against, tokens }) => ` It breaks even with ${against} at ${volumeText(tokens)} tokens.`,
  );
  return `Cost against volume. At ${volumeText(volume.tokens)} tokens a month: hosted yourselves ${[axisUsd(volume.usd), ...bought].join(", ")}.${even.join("")}`;
}

interface Mark {
  readonly text: string;
  readonly tokens: number;
  readonly usd: number;
  readonly color: string;
  readonly isVolume: boolean;
}

function marksOf({ volume, breakEvens }: CostView): Mark[] {
  return [
    { ...volume, text: `your volume: ${volumeText(volume.tokens)}`, color: ink("text"), isVolume: true },
    ...breakEvens.map(({ kind, against, tokens, usd }) => ({
      tokens,
      usd,
      text: `${volumeText(tokens)}: even with ${against}`,
      color: ink(kind),
      isVolume: false,
    })),
  ];
}

/** The axis of cost: all lines in full on a linear one; on a logarithmic one whole powers of ten. */
function costScale({ isLogarithmic, fromTokens, toTokens, own, offers }: CostView): {
  readonly min: number;
  readonly max: number;
  readonly interval?: number;
} {
  const ends = [...own.low, ...own.high].map(({ usd }) => usd);
  const offered = (tokens: number) => offers.map(({ usdPerMillion }) => (tokens / 1e6) * usdPerMillion.value);
  const most = Math.max(...ends, ...offered(toTokens));
  if (!isLogarithmic) {
    const { top, step } = niceTop(most);
    return { min: 0, max: top, interval: step };
  }
  const least = Math.min(...ends, ...offered(fromTokens));
  return { min: 10 ** Math.floor(Math.log10(least)), max: 10 ** Math.ceil(Math.log10(most)) };
}
