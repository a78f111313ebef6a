import { CustomChart, LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { type EChartsCoreOption, init, setPlatformAPI, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { escapeText } from "../html.ts";
import { ink } from "../page/palette.ts";

use([CustomChart, LineChart, GridComponent, SVGRenderer]);
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

export const fontSize = 13;
const smallFontSize = 12;

/** Width of a plot of the whole column. CSS pixels. */
export const plotWidth: Readonly<Record<Layout, number>> = { wide: 800, narrow: 340 };

/**
 * The drawing as an `svg` element without fonts, ids and scripts of its own: text takes the page's font, colours are the
 * page's variables. `description` says what it shows to those who do not see it.
 */
export function draw(option: EChartsCoreOption, { width, height }: Size, description: string): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: "inherit", color: ink("text") }, ...option });
    return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeText(description)}" focusable="false">${tidy(chart.renderToSVGString())}</svg>`;
  } finally {
    chart.dispose();
  }
}

/**
 * Leaves out what serves the library's own scripts, and counters that differ from one drawing to the next. Quotes in the
 * texts of a drawing are entities, so none of these patterns meets one.
 */
function tidy(svg: string): string {
  return svg
    .replace(/^<svg [^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<style >[\s\S]*?<\/style>/g, "")
    .replace(/<rect [^>]*fill="none"[^>]*><\/rect>/, "")
    .replace(/ (class|pointer-events|ecmeta_\w+|xml:space)="[^"]*"/g, "")
    .replace(/font-family:[^;"]*;?/g, "")
    .replace(/ style=""/g, "")
    .replace(/\s*\n\s*/g, "");
}

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
    /** True on a filled bar, whose colour then stays behind the letters. */
    readonly isInside?: boolean;
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
      // Lines behind a text must not run through its letters.
      ...(style.isInside === true ? {} : { backgroundColor: ink("surface"), padding: [1, 3] }),
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
    style: { stroke, lineWidth, ...(lineDash === undefined ? {} : { lineDash }) },
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

/** What an axis of figures has in common with all others. */
export function valueAxis(
  axis: {
    readonly type: "value" | "log";
    readonly min: number;
    readonly max: number;
    readonly interval?: number;
    readonly splitLine?: boolean;
    readonly name?: string;
  },
  format: (value: number) => string,
) {
  const { splitLine = true, name, ...scale } = axis;
  return {
    ...scale,
    ...(name === undefined
      ? {}
      : {
          name,
          nameLocation: "middle" as const,
          nameGap: 30,
          nameTextStyle: { color: ink("muted"), fontSize: smallFontSize },
        }),
    axisLine: { show: true, lineStyle: { color: ink("rule") } },
    axisTick: { show: true, lineStyle: { color: ink("rule") } },
    minorTick: { show: false },
    axisLabel: { color: ink("muted"), fontSize: smallFontSize, hideOverlap: true, formatter: format },
    splitLine: { show: splitLine, lineStyle: { color: ink("grid") } },
  };
}

/** A series of one's own that draws once, with the coordinates of the grid. */
export function overlay(
  paint: (
    toPixels: (x: number, y: number) => readonly [number, number],
    area: Size & { x: number; y: number },
  ) => object[],
  z = 5,
) {
  return {
    type: "custom" as const,
    silent: true,
    clip: false,
    z,
    data: [[0, 0]],
    renderItem: (params: { coordSys: unknown }, api: { coord(point: [number, number]): number[] }) => ({
      type: "group" as const,
      children: paint(
        (x, y) => {
          const [left = 0, top = 0] = api.coord([x, y]);
          return [left, top];
        },
        params.coordSys as Size & { x: number; y: number },
      ),
    }),
  };
}

/** Of a character, in fonts as wide as DejaVu Sans and Verdana; others take less. Shares of the size. */
const averageWidth = 0.62;

/** Width that a text takes at most, near enough to keep two from meeting. CSS pixels. */
export function textWidth(text: string, size = fontSize): number {
  return text.length * size * averageWidth;
}

/** A text cut to a width. */
export function shortened(text: string, width: number, size = fontSize): string {
  const most = Math.max(4, Math.floor(width / (size * averageWidth)));
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
