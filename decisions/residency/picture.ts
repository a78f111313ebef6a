import type { Edge, EdgePort } from "./facts.ts";
import { partyText } from "./text.ts";

const box = { width: 300, leastHeight: 44, gap: 18 } as const;
const columns = { from: 24, to: 584 } as const;
const width = columns.to + box.width + columns.from;
const margin = 56;
/** Between two lines at a box: a label's height and some air. */
const lineHeight = 20;
/** The level end of a line, on which its label stands: none of the slanted parts comes there. */
const run = 130;

/** A party with the lines that begin or end at it. */
interface Placed {
  readonly name: string;
  readonly top: number;
  readonly height: number;
  /** Where each of its edges touches it. */
  readonly touches: ReadonlyMap<Edge, number>;
}

/**
 * Who may talk to whom as an SVG picture: openers on the left, what they may reach on the right. Ports stand where a line ends,
 * and no two lines end at one point, so that labels do not cover each other.
 */
export function flowPicture(edges: readonly Edge[], title: string): string {
  const opener = (edge: Edge) => partyText(edge.from);
  const reached = (edge: Edge) => partyText(edge.to);
  const left = column(edges, opener, reached);
  const right = column(edges, reached, opener);
  const height = Math.max(...[...left, ...right].map(({ top, height: tall }) => top + tall), margin) + 24;
  const outside = new Set(
    edges
      .flatMap(({ from, to }) => [from, to])
      .filter(({ kind }) => kind === "networks" || kind === "names")
      .map(partyText),
  );
  const touch = (column: readonly Placed[], edge: Edge) =>
    column.flatMap(({ touches }) => touches.get(edge) ?? [])[0] ?? 0;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `  <title>${escaped(title)}</title>`,
    `  <rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `  <text x="24" y="28" font-size="15">${escaped(title)}</text>`,
    `  <text x="24" y="46" fill="#555555">Every other connection is denied. Dashed: outside the cluster.</text>`,
    ...edges.map((edge) => line(touch(left, edge), touch(right, edge))),
    ...edges.map((edge) => label(edge, touch(right, edge))),
    ...left.map((placed) => party(placed, columns.from, outside.has(placed.name))),
    ...right.map((placed) => party(placed, columns.to, outside.has(placed.name))),
    "</svg>",
    "",
  ].join("\n");
}

/** Parties of one side from top to bottom; each one's lines in the order of those at the other side, so that few cross. */
function column(
  edges: readonly Edge[],
  nameOf: (edge: Edge) => string,
  otherOf: (edge: Edge) => string,
): readonly Placed[] {
  const others = unique(edges.map(otherOf));
  let top: number = margin;
  return unique(edges.map(nameOf)).map((name) => {
    const own = edges
      .filter((edge) => nameOf(edge) === name)
      .sort((a, b) => others.indexOf(otherOf(a)) - others.indexOf(otherOf(b)));
    const height = Math.max(box.leastHeight, own.length * lineHeight + 4);
    const first = top + height / 2 - ((own.length - 1) * lineHeight) / 2;
    const placed = {
      name,
      top,
      height,
      touches: new Map(own.map((edge, index) => [edge, first + index * lineHeight])),
    };
    top += height + box.gap;
    return placed;
  });
}

function line(fromY: number, toY: number): string {
  const [start, end] = [columns.from + box.width, columns.to];
  return `  <path d="M ${start} ${fromY} L ${end - run} ${toY} L ${end - 8} ${toY} m -8 -4 l 8 4 l -8 4" fill="none" stroke="#333333"/>`;
}

function label({ ports }: Edge, toY: number): string {
  return `  <text x="${columns.to - 20}" y="${toY - 4}" text-anchor="end" fill="#333333">${portsText(ports)}</text>`;
}

function party({ name, top, height }: Placed, x: number, isOutside: boolean): string {
  const stroke = isOutside ? ' stroke="#aa3300" stroke-dasharray="5 3"' : ' stroke="#335577"';
  const lines = wrapped(name);
  const first = top + height / 2 + 4 - (lines.length - 1) * 7;
  const texts = lines.map((text, index) => `<text x="${x + 10}" y="${first + index * 14}">${escaped(text)}</text>`);
  return `  <rect x="${x}" y="${top}" width="${box.width}" height="${height}" rx="4" fill="#f6f8fa"${stroke}/>${texts.join("")}`;
}

/** Ports as people name them: `TCP 443, UDP 53`. */
export function portsText(ports: readonly EdgePort[]): string {
  return ports.map(({ protocol, port }) => `${protocol} ${port}`).join(", ");
}

/** At most three lines of about 44 letters; the table has the whole text. */
function wrapped(name: string): string[] {
  const lines: string[] = [""];
  for (const word of name.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + word.length + 1 > 44) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines.length <= 3 ? lines : [...lines.slice(0, 2), `${lines[2]} …`];
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
