import type { LoadCurvePoint } from "../../decisions/capacity/load-curve.ts";
import type { Range } from "../../decisions/range.ts";
import { ink } from "../page/palette.ts";
import { axisNumber, niceTop } from "../scale.ts";
import type { LatencyView } from "../view/release-view.ts";
import { band, dot, draw, label, line, path, textWidth } from "./drawing.ts";

const size = { width: 268, height: 236 };
const left = 54;
const right = 14;
const top = 28;
const bottom = 46;

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
  const y = niceTop(Math.max(...points.map(({ high }) => high), bound?.value ?? 0) * 1.02);
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
        const boundY = bound === null ? 0 : toPixels(0, bound.value)[1];
        return [
          band(onCurve("high"), onCurve("low"), ink("own")),
          path(onCurve("value"), ink("own"), 2.5),
          line(px, 14, px, area.y + area.height, ink("text"), 1.2),
          dot(px, py, ink("text")),
          label(text, isLeft ? px + 3 : px - 3, 11, { align: isLeft ? "left" : "right", small: true, bold: true }),
          ...(bound === null
            ? []
            : [
                line(area.x, boundY, area.x + area.width, boundY, ink("objective"), 1.5, [6, 4]),
                // Latencies come up to their objective, throughput stays above what is needed: each leaves one side free.
                quantity === "throughput" && boundY < area.y + area.height - 24
                  ? label(bound.text, area.x + area.width - 2, boundY + 11, {
                      fill: ink("objective"),
                      small: true,
                      backdrop: "rim",
                      align: "right",
                    })
                  : label(bound.text, quantity === "throughput" ? area.x + area.width - 2 : area.x + 3, boundY - 10, {
                      fill: ink("objective"),
                      small: true,
                      backdrop: "rim",
                      align: quantity === "throughput" ? "right" : "left",
                    }),
              ]),
        ];
      },
    },
    size,
    description(quantity, points, kept, bound?.text ?? null, format),
  );
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
