import { volumeText } from "../../decisions/cost/money.ts";
import type { CostPoint } from "../../decisions/hosting/cost-curve.ts";
import { ink } from "../page/palette.ts";
import { axisTokens, axisUsd, niceTop } from "../scale.ts";
import type { CostView } from "../view/cost-view.ts";
import { band, dot, draw, type Layout, label, line, path, plotWidth, shortened, textWidth } from "./drawing.ts";

const plotHeight: Readonly<Record<Layout, number>> = { wide: 280, narrow: 240 };
const rowHeight = 20;
const left = 58;
const right = 18;
const bottom = 46;
/** How each offer's line is broken: colour is not the only way to tell them apart. */
const offerDash = { frontier: [8, 5], hosted: [2, 4] } as const;

/** Monthly cost of each offer over the volume; the file's volume and each break-even have a line and a row of their own above. */
export function costAgainstVolumePlot(view: CostView, layout: Layout): string {
  const { isLogarithmic, fromTokens, toTokens, own, offers } = view;
  const width = plotWidth[layout];
  const marks = marksOf(view);
  const top = 8 + marks.length * rowHeight;
  const type = isLogarithmic ? "log" : "value";
  const cost = costScale(view);
  return draw(
    {
      margins: { left, right, top, bottom },
      x: {
        type,
        min: fromTokens,
        max: toTokens,
        ...(isLogarithmic ? {} : { interval: niceTop(toTokens).step }),
        name: "tokens a month",
        format: axisTokens,
      },
      y: { type, ...cost, format: axisUsd },
      paint(toPixels, area) {
        const onCurve = (points: readonly CostPoint[]) => points.map(({ tokens, usd }) => toPixels(tokens, usd));
        const placed = marks.map((mark, row) => {
          const [px, py] = toPixels(mark.tokens, mark.usd);
          return { ...mark, px, py, rowY: 8 + row * rowHeight + rowHeight / 2 };
        });
        return [
          band(onCurve(own.high), onCurve(own.low), ink("own")),
          ...offers.map(({ kind, usdPerMillion }) => {
            const ends = [fromTokens, toTokens].map((tokens) => ({
              tokens,
              usd: (tokens / 1e6) * usdPerMillion.value,
            }));
            return path(onCurve(ends), ink(kind), 2, offerDash[kind]);
          }),
          path(onCurve(own.value), ink("own"), 2.5),
          // Lines before labels: a label hides the part of a line that would run through it.
          ...placed.map(({ px, py, rowY, color, isVolume }) =>
            isVolume ? line(px, rowY, px, area.y + area.height, color, 1.5) : line(px, rowY, px, py, color, 1, [3, 3]),
          ),
          ...placed.flatMap(({ px, py, rowY, text, color, isVolume }) => {
            const isRight = px + 12 + textWidth(text) <= width || px < width / 2;
            return [
              dot(px, py, color, !isVolume),
              label(shortened(text, isRight ? width - px - 12 : px - 12), isRight ? px + 3 : px - 3, rowY, {
                align: isRight ? "left" : "right",
                fill: color,
                bold: isVolume,
              }),
            ];
          }),
        ];
      },
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
