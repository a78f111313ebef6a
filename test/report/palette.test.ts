// Proves: text can be read and marks can be seen, light and dark, by the contrast that WCAG 2.2 asks for.
import { describe, expect, it } from "vitest";
import { dark, light, type Palette } from "../../report/page/palette.ts";

/** Relative luminance of `#rrggbb`. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const texts: readonly (keyof Palette)[] = ["text", "muted", "link", "own", "frontier", "hosted", "objective", "error"];
const fills: readonly (keyof Palette)[] = [
  "own",
  "frontier",
  "hosted",
  "team",
  "weights",
  "engine",
  "activation",
  "graphs",
  "cache",
];

describe.each([
  ["light", light],
  ["dark", dark],
])("the %s palette", (_, palette) => {
  it.each(texts)("lets %s be read as text, on the page and on a box", (name) => {
    expect(contrast(palette[name], palette.page)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette[name], palette.surface)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(fills)("lets a bar in %s be seen, and text on it be read", (name) => {
    expect(contrast(palette[name], palette.surface)).toBeGreaterThanOrEqual(3);
    expect(contrast(palette.onFill, palette[name])).toBeGreaterThanOrEqual(4.5);
  });

  it("lets flags and the part that is not used be read, and axes be seen", () => {
    expect(contrast(palette.flag, palette.flagSurface)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.text, palette.reserve)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.rule, palette.surface)).toBeGreaterThanOrEqual(2.9);
  });
});
