import { CustomChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, setPlatformAPI, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { escapeText } from "../html.ts";
import { ink } from "../page/palette.ts";

use([CustomChart, GridComponent, SVGRenderer]);
// Without a browser nothing can be measured. Rather too wide than too narrow, so that what is set apart stays apart.
setPlatformAPI({
  measureText: (text, font) => ({ width: textWidth(text, Number.parseFloat(font ?? "") || fontSize) }),
});

/** How wide a plot is drawn: for a page, or for a phone held upright. Text is the same size in both. */
export type Layout = "wide" | "narrow";
export const layouts: readonly Layout[] = ["wide", "narrow"];

export interface Size {
  readonly width: number;
  readonly height: number;
}

const fontSize = 13;
/** Of most texts: the page's style sets it. */
export const smallFontSize = 12;

/** Width of a plot of the whole column. CSS pixels. */
export const plotWidth: Readonly<Record<Layout, number>> = { wide: 800, narrow: 340 };

/** A point in CSS pixels. */
export type Point = readonly [x: number, y: number];

/** The rectangle between the axes. CSS pixels. */
export interface Area extends Size {
  readonly x: number;
  readonly y: number;
}

export interface Plot {
  /** Room beside the area between the axes. CSS pixels. */
  readonly margins: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
  readonly x: Axis;
  /** Null where rows stand one below the other. */
  readonly y: Axis | null;
  /** What is drawn over the axes, the last on top. */
  paint(toPixels: (x: number, y: number) => Point, area: Area): object[];
}

/**
 * The plot as an `svg` element without fonts, ids and scripts of its own: text takes the page's font, colours are the
 * page's variables. `description` says what it shows to those who do not see it.
 */
export function draw({ margins, x, y, paint }: Plot, { width, height }: Size, description: string): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      // Margins are set so that labels fit; the library would move the area by its own estimate of their widths.
      grid: { ...margins, outerBoundsMode: "none" },
      xAxis: axisOption(x, y !== null),
      yAxis: y === null ? { type: "value", min: 0, max: 1, show: false } : axisOption(y, false),
      series: [
        {
          type: "custom",
          silent: true,
          clip: false,
          z: 5,
          data: [[x.min, y?.min ?? 0]],
          renderItem: (params: { coordSys: unknown }, api: { coord(point: [number, number]): number[] }) => ({
            type: "group",
            children: paint((across, up) => {
              const [left = 0, top = 0] = api.coord([across, up]);
              // The last digits of a logarithm are not the same on every machine, and nobody sees them.
              return [Math.round(left * 10) / 10, Math.round(top * 10) / 10];
            }, params.coordSys as Area),
          }),
        },
      ],
    });
    return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeText(description)}" focusable="false">${tidy(chart.renderToSVGString())}</svg>`;
  } finally {
    chart.dispose();
  }
}

/**
 * Leaves out what serves the library's own scripts, and counters that differ from one drawing to the next. Quotes in the
 * texts of a drawing are entities, so none of these patterns meets one. Size and baseline of most texts are in the page's style.
 */
function tidy(svg: string): string {
  return (
    svg
      .replace(/^<svg [^>]*>/, "")
      .replace(/<\/svg>\s*$/, "")
      .replace(/<style >[\s\S]*?<\/style>/g, "")
      .replace(/<rect [^>]*fill="none"[^>]*><\/rect>/, "")
      .replace(/ (class|pointer-events|ecmeta_\w+|xml:space|dominant-baseline|stroke-linecap)="[^"]*"/g, "")
      .replace(/font-family:[^;"]*;?/g, "")
      .replaceAll(`font-size:${smallFontSize}px;`, "")
      .replace(/ style=""/g, "")
      // Between the brackets of a tag alone: a price in a text keeps its digits.
      .replace(/<[^>]*>/g, (tag) => tag.replace(/(\.\d)\d+/g, "$1"))
      .replace(/\s*\n\s*/g, "")
  );
}

const backdrops = {
  box: { backgroundColor: ink("surface"), padding: [1, 3] },
  rim: { stroke: ink("surface"), lineWidth: 3 },
  none: {},
};

/** A text of a drawing in the form that series of one's own take. */
export function label(
  text: string,
  x: number,
  y: number,
  style: {
    readonly fill?: string;
    readonly align?: "left" | "center" | "right";
    readonly verticalAlign?: "top" | "middle" | "bottom";
    readonly bold?: boolean;
    readonly small?: boolean;
    /** What keeps letters apart from what lies behind: a box, a rim that hides less, or nothing on a filled bar. Left out: a box. */
    readonly backdrop?: keyof typeof backdrops;
  } = {},
) {
  return {
    type: "text" as const,
    silent: true,
    style: {
      text,
      x,
      y,
      fill: style.fill ?? ink("text"),
      fontSize: style.small === true ? smallFontSize : fontSize,
      fontWeight: style.bold === true ? ("bold" as const) : ("normal" as const),
      align: style.align ?? ("left" as const),
      verticalAlign: style.verticalAlign ?? ("middle" as const),
      ...backdrops[style.backdrop ?? "box"],
    },
  };
}

export function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  stroke: string,
  lineWidth = 1,
  lineDash?: number[],
) {
  return {
    type: "line" as const,
    silent: true,
    shape: { x1, y1, x2, y2 },
    style: { fill: "none", stroke, lineWidth, ...(lineDash === undefined ? {} : { lineDash }) },
  };
}

/** A line through points, its corners as sharp as they are. */
export function path(points: readonly Point[], stroke: string, lineWidth: number, lineDash?: readonly number[]) {
  return {
    type: "polyline" as const,
    silent: true,
    shape: { points },
    style: {
      fill: "none",
      stroke,
      lineWidth,
      lineJoin: "miter" as const,
      ...(lineDash === undefined ? {} : { lineDash: [...lineDash] }),
    },
  };
}

/** The pale area between the ends of a range: the upper ends and the lower ones, both from left to right. */
export function band(upper: readonly Point[], lower: readonly Point[], fill: string) {
  return {
    type: "polygon" as const,
    silent: true,
    shape: { points: [...upper, ...[...lower].reverse()] },
    style: { fill, opacity: 0.2 },
  };
}

export function dot(cx: number, cy: number, color: string, isHollow = false) {
  return {
    type: "circle" as const,
    silent: true,
    shape: { cx, cy, r: 5 },
    style: { fill: isHollow ? ink("surface") : color, stroke: isHollow ? color : ink("surface"), lineWidth: 2 },
  };
}

export function box(
  x: number,
  y: number,
  width: number,
  height: number,
  style: { readonly fill: string; readonly stroke?: string },
) {
  return {
    type: "rect" as const,
    silent: true,
    shape: { x: Math.min(x, x + width), y, width: Math.abs(width), height },
    style: { fill: style.fill, ...(style.stroke === undefined ? {} : { stroke: style.stroke, lineWidth: 1.5 }) },
  };
}

/** An axis of figures. */
export interface Axis {
  readonly type: "value" | "log";
  readonly min: number;
  readonly max: number;
  /** Distance of its ticks; left out on a logarithmic one, which has them at powers of ten. */
  readonly interval?: number;
  readonly name?: string;
  format(value: number): string;
}

/** `isPlain`: without lines across the area, which then has ticks instead. */
function axisOption({ name, format, ...scale }: Axis, isPlain: boolean) {
  return {
    ...scale,
    ...(name === undefined
      ? {}
      : {
          name,
          nameLocation: "middle",
          nameGap: 30,
          nameTextStyle: { color: ink("muted"), fontSize: smallFontSize },
        }),
    axisLine: { show: true, lineStyle: { color: ink("rule") } },
    axisTick: { show: isPlain, lineStyle: { color: ink("rule") } },
    axisLabel: { color: ink("muted"), fontSize: smallFontSize, hideOverlap: true, formatter: format },
    splitLine: { show: !isPlain, lineStyle: { color: ink("grid") } },
  };
}

/** Of a character, in fonts as wide as DejaVu Sans and Verdana; others take less. Shares of the size. */
const averageWidth = 0.62;

/** Width that a text takes at most, near enough to keep two from meeting. CSS pixels. */
export function textWidth(text: string, size = fontSize): number {
  return [...text].reduce((sum, character) => sum + size * (character < "\u2e80" ? averageWidth : 1), 0);
}

/** A text cut to a width. */
export function shortened(text: string, width: number, size = fontSize): string {
  const most = Math.max(4, Math.floor(width / (size * averageWidth)));
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
