import type { Edge, EdgePort } from "./facts.ts";
import { partyText } from "./text.ts";

const box = { width: 300, height: 44, gap: 18 } as const;
const columns = { from: 24, to: 524 } as const;
const margin = 56;

/** Who may talk to whom as an SVG picture: openers on the left, what they may reach on the right, ports on the lines. */
export function flowPicture(edges: readonly Edge[], title: string): string {
  const left = unique(edges.map(({ from }) => partyText(from)));
  const right = unique(edges.map(({ to }) => partyText(to)));
  const rows = Math.max(left.length, right.length, 1);
  const height = margin + rows * (box.height + box.gap) + 24;
  const middle = (names: readonly string[], name: string) =>
    margin + names.indexOf(name) * (box.height + box.gap) + box.height / 2;
  const outside = new Set(
    edges
      .flatMap(({ from, to }) => [from, to])
      .filter(({ kind }) => kind === "networks" || kind === "names")
      .map(partyText),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 848 ${height}" font-family="sans-serif" font-size="12">`,
    `  <title>${escaped(title)}</title>`,
    `  <rect width="848" height="${height}" fill="#ffffff"/>`,
    `  <text x="24" y="28" font-size="15">${escaped(title)}</text>`,
    `  <text x="24" y="46" fill="#555555">Every other connection is denied. Dashed: outside the cluster.</text>`,
    ...edges.map((edge) => line(edge, middle(left, partyText(edge.from)), middle(right, partyText(edge.to)))),
    ...left.map((name) => party(name, columns.from, middle(left, name), outside.has(name))),
    ...right.map((name) => party(name, columns.to, middle(right, name), outside.has(name))),
    "</svg>",
    "",
  ].join("\n");
}

function line({ ports }: Edge, fromY: number, toY: number): string {
  const [start, end] = [columns.from + box.width, columns.to];
  const label = `<text x="${(start + end) / 2}" y="${(fromY + toY) / 2 - 4}" text-anchor="middle" fill="#333333" stroke="#ffffff" stroke-width="4" paint-order="stroke">${portsText(ports)}</text>`;
  return `  <path d="M ${start} ${fromY} L ${end - 8} ${toY} m -8 -4 l 8 4 l -8 4" fill="none" stroke="#333333"/>${label}`;
}

function party(name: string, x: number, y: number, isOutside: boolean): string {
  const stroke = isOutside ? ' stroke="#aa3300" stroke-dasharray="5 3"' : ' stroke="#335577"';
  const lines = wrapped(name);
  const first = y + 4 - (lines.length - 1) * 7;
  const texts = lines.map((text, index) => `<text x="${x + 10}" y="${first + index * 14}">${escaped(text)}</text>`);
  return `  <rect x="${x}" y="${y - box.height / 2}" width="${box.width}" height="${box.height}" rx="4" fill="#f6f8fa"${stroke}/>${texts.join("")}`;
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
