import type { LoadCurvePoint } from "../../decisions/capacity/load-curve.ts";
import type { Range } from "../../decisions/range.ts";
import { ink } from "../page/palette.ts";
import { axisNumber, niceTop } from "../scale.ts";
import type { LatencyView } from "../view/release-view.ts";
import { type Area, band, dot, draw, label, line, path, textWidth } from "./drawing.ts";

const size = { width: 268, height: 236 };
const left = 54;
const right = 14;
const top = 28;
const bottom = 46;

/** A limit that is more than this many times the highest figure is told, not drawn: it would press the rest to the ground. */
const furthestLimit = 4;

/** What is drawn over the requests at once. */
export type LoadQuantity = "ttft" | "itl" | "throughput";

interface Quantity {
  readonly of: (point: LoadCurvePoint) => Range | null;
  readonly format: (value: number) => string;
  readonly limit: (view: LatencyView) => { readonly value: number; readonly text: string } | null;
}

const milliseconds = (value: number) => (value >= 1000 ? `${axisNumber(value / 1000)} s` : `${axisNumber(value)} ms`);
const objective = (value: number | null) =>
  value === null ? null : { value, text: `objective ${milliseconds(value)}` };

const quantities: Readonly<Record<LoadQuantity, Quantity>> = {
  ttft: {
    of: ({ ttftMilliseconds }) => ttftMilliseconds,
    format: milliseconds,
    limit: ({ objectives }) => objective(objectives.ttftMilliseconds),
  },
  itl: {
    of: ({ interTokenMilliseconds }) => interTokenMilliseconds,
    format: milliseconds,
    limit: ({ objectives }) => objective(objectives.interTokenMilliseconds),
  },
  throughput: {
    of: ({ requestsPerSecond }) => requestsPerSecond,
    format: axisNumber,
    limit: ({ neededPerSecond }) =>
      neededPerSecond === null
        ? null
        : { value: neededPerSecond, text: `busiest hour ${Number(neededPerSecond.toPrecision(2))}` },
  },
};

/** One quantity of a replica over the requests at once, with its range, its limit and the load that is planned for; null where there is none. */
export function loadPlot(view: LatencyView, quantity: LoadQuantity): string | null {
  const { of, format, limit } = quantities[quantity];
  const points = view.points.flatMap((point) => {
    const range = of(point);
    return range === null ? [] : [{ requests: point.requests, ...range }];
  });
  const last = points.at(-1);
  const kept = points.find(({ requests }) => requests === view.keptRequests);
  if (last === undefined || kept === undefined) return null;
  const bound = limit(view);
  const highest = Math.max(...points.map(({ high }) => high));
  const isDrawn = bound !== null && bound.value <= highest * furthestLimit;
  const y = niceTop(Math.max(highest, isDrawn ? bound.value : 0) * 1.02);
  const x = niceTop(Math.max(last.requests, 4));
  return draw(
    {
      margins: { left, right, top, bottom },
      x: {
        type: "value",
        min: 0,
        max: x.top,
        interval: x.step,
        name: "requests at once",
        format: axisNumber,
      },
      y: { type: "value", min: 0, max: y.top, interval: y.step, format },
      paint(toPixels, area) {
        const onCurve = (pick: keyof Range) => points.map((point) => toPixels(point.requests, point[pick]));
        const [px, py] = toPixels(kept.requests, kept.value);
        const text = `${kept.requests} planned`;
        const isLeft = px + 8 + textWidth(text) < size.width;
        return [
          band(onCurve("high"), onCurve("low"), ink("own")),
          path(onCurve("value"), ink("own"), 2.5),
          line(px, 14, px, area.y + area.height, ink("text"), 1.2),
          dot(px, py, ink("text")),
          label(text, isLeft ? px + 3 : px - 3, 11, { align: isLeft ? "left" : "right", small: true, bold: true }),
          ...(bound === null
            ? []
            : isDrawn
              ? limitLine(bound.text, toPixels(0, bound.value)[1], area, quantity)
              : [limitLabel(`${bound.text}, above this plot`, area.x + 3, area.y + 8, "left")]),
        ];
      },
    },
    size,
    description(quantity, points, kept, bound?.text ?? null, format),
  );
}

/** A limit across the plot. Latencies come up to theirs, throughput stays above what is needed: each leaves one side free. */
function limitLine(text: string, y: number, area: Area, quantity: LoadQuantity): object[] {
  const right = area.x + area.width;
  const isLow = y > area.y + area.height - 24;
  return [
    line(area.x, y, right, y, ink("objective"), 1.5, [6, 4]),
    quantity === "throughput"
      ? limitLabel(text, right - 2, isLow ? y - 10 : y + 11, "right")
      : limitLabel(text, area.x + 3, y - 10, "left"),
  ];
}

function limitLabel(text: string, x: number, y: number, align: "left" | "right"): object {
  return label(text, x, y, { fill: ink("objective"), small: true, backdrop: "rim", align });
}

const titles: Readonly<Record<LoadQuantity, string>> = {
  ttft: "Time to the first token",
  itl: "Time between tokens",
  throughput: "Requests a second",
};

function description(
  quantity: LoadQuantity,
  points: readonly (Range & { readonly requests: number })[],
  kept: Range & { readonly requests: number },
  bound: string | null,
  format: (value: number) => string,
): string {
  const ends = [points[0], points.at(-1)].flatMap((point) =>
    point === undefined ? [] : [`${format(point.value)} with ${point.requests} at once`],
  );
  return `${titles[quantity]} against load: ${ends.join(" to ")}; ${format(kept.value)} (${format(kept.low)} to ${format(kept.high)}) with the ${kept.requests} that are planned${bound === null ? "" : `, ${bound}`}.`;
}
