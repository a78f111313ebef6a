/** What stands in the SVG text of a plot. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly dots: readonly { readonly x: number; readonly y: number; readonly fill: string; readonly stroke: string }[];
  readonly texts: readonly string[];
  readonly label: string;
}

/** The dots, texts and the label of a plot. */
export function readDrawing(svg: string): Drawing {
  const [, width = "", height = ""] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  const attribute = (tag: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return {
    width: Number(width),
    height: Number(height),
    dots: [...svg.matchAll(/<circle [^>]*>/g)].map(([tag]) => ({
      x: Number(attribute(tag, "cx")),
      y: Number(attribute(tag, "cy")),
      fill: attribute(tag, "fill"),
      stroke: attribute(tag, "stroke"),
    })),
    texts: [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => text),
    label: attribute(/<svg [^>]*>/.exec(svg)?.[0] ?? "", "aria-label"),
  };
}
