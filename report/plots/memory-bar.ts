import type { SizingBlueprint } from "../../decisions/sizing-blueprint.ts";
import { ink, type Palette } from "../page/palette.ts";
import { axisNumber, niceTop } from "../scale.ts";
import { box, draw, type Layout, label, line, plotWidth, textWidth } from "./drawing.ts";

const gib = 2 ** 30;
const barHeight = 40;
const top = 30;
const bottom = 46;

/** One part of a GPU's memory, in the order in which the bar shows it. */
export interface MemoryPart {
  readonly name: string;
  readonly bytes: number;
  readonly color: keyof Palette;
  readonly why: string;
}

const terms: Readonly<Record<string, readonly [name: string, color: keyof Palette]>> = {
  weights: ["weights", "weights"],
  "non-torch": ["CUDA", "engine"],
  activation: ["activations", "activation"],
  "cuda-graphs": ["CUDA graphs", "graphs"],
};

/** What a GPU's memory goes to: parts that add up to all that it shows. */
export function memoryParts({
  visibleBytes,
  usableBytes,
  terms: taken,
  cacheBytes,
}: SizingBlueprint["memory"]): MemoryPart[] {
  return [
    ...taken.map(({ name, bytes, why }) => {
      const [shown, color] = terms[name] ?? [name, "engine"];
      return { name: shown, bytes, color, why };
    }),
    { name: "cache", bytes: cacheBytes, color: "cache" as const, why: "What is left holds the requests that run." },
    {
      name: "not used",
      bytes: visibleBytes - usableBytes,
      color: "reserve" as const,
      why: "Beyond the share that the engine may take: room for what it does not foresee.",
    },
  ];
}

/** The memory of one GPU as a bar, with how far the line between what is taken and the cache may be off. */
export function memoryBarPlot(memory: SizingBlueprint["memory"], layout: Layout): string {
  const width = plotWidth[layout];
  const parts = memoryParts(memory);
  const { top: max, step } = niceTop(memory.visibleBytes / gib);
  const taken = memory.terms.reduce((sum, { bytes }) => sum + bytes, 0);
  const span = [taken - memory.uncertaintyBytes, taken + memory.uncertaintyBytes].map((bytes) => bytes / gib);
  return draw(
    {
      margins: { left: 14, right: 22, top, bottom },
      x: { type: "value", min: 0, max, interval: step, name: "GiB of one GPU", format: axisNumber },
      y: null,
      paint(toPixels, area) {
        let from = 0;
        const bars = parts.flatMap(({ name, bytes, color }) => {
          const [start, end] = [toPixels(from / gib, 0)[0], toPixels((from + bytes) / gib, 0)[0]];
          from += bytes;
          const fill = color === "reserve" ? ink("text") : ink("onFill");
          const plain = label(name, (start + end) / 2, area.y + barHeight / 2 + 4, {
            fill,
            align: "center",
            small: true,
            backdrop: "none",
          });
          return [
            box(start, area.y + 4, end - start, barHeight, {
              fill: ink(color),
              stroke: ink(color === "reserve" ? "rule" : "surface"),
            }),
            ...(textWidth(name) + 8 < end - start ? [plain] : []),
          ];
        });
        const [low = 0, high = 0] = span.map((amount) => toPixels(amount, 0)[0]);
        const y = area.y - 6;
        const text = `± ${(memory.uncertaintyBytes / gib).toFixed(1)} GiB`;
        const isLeft = high + 8 + textWidth(text) < width;
        return [
          ...bars,
          line(low, y, high, y, ink("text"), 2),
          line(low, y - 4, low, y + 10, ink("text"), 1.5),
          line(high, y - 4, high, y + 10, ink("text"), 1.5),
          label(text, isLeft ? high + 6 : low - 6, y, { align: isLeft ? "left" : "right", small: true }),
        ];
      },
    },
    { width, height: top + barHeight + 8 + bottom },
    `Memory of one GPU. ${parts.map(({ name, bytes }) => `${name} ${(bytes / gib).toFixed(1)} GiB`).join(", ")}.`,
  );
}
