import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import type { ChartSource } from "./constructs/chart-release.ts";

/** Files below a folder, relative and sorted. */
function listFiles(folder: string, prefix = ""): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true })
    .flatMap((item) => {
      const path = prefix === "" ? item.name : `${prefix}/${item.name}`;
      return item.isDirectory() ? listFiles(folder, path) : [path];
    })
    .sort();
}

/** A chart of this checkout as a stack refers to it: names and contents of its files make the hash in its path. */
export function readChart(chartsDirectory: string, name: string): ChartSource {
  const folder = join(chartsDirectory, name);
  const hash = createHash("sha256");
  let bytes = 0;
  for (const path of listFiles(folder)) {
    const content = readFileSync(join(folder, path));
    bytes += content.length;
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  const { version } = parse(readFileSync(join(folder, "Chart.yaml"), "utf8")) as { version: string };
  return { path: `assets/${name}/${hash.digest("hex").slice(0, 32)}`, version, bytes };
}

/** Puts a chart beside the stack that refers to it: whole, or not at all. */
export function copyChart(chartsDirectory: string, name: string, chart: ChartSource, stackFolder: string): void {
  const target = join(stackFolder, chart.path);
  if (existsSync(target)) return;
  const temporary = `${target}.${process.pid}`;
  mkdirSync(dirname(target), { recursive: true });
  rmSync(temporary, { recursive: true, force: true });
  cpSync(join(chartsDirectory, name), temporary, { recursive: true });
  renameSync(temporary, target);
}

/** Removes the copies of a chart's earlier contents, once no stack refers to them. */
export function removeOtherCopies(chart: ChartSource, stackFolder: string): void {
  const copies = dirname(join(stackFolder, chart.path));
  for (const copy of readdirSync(copies)) {
    if (copy !== basename(chart.path)) rmSync(join(copies, copy), { recursive: true, force: true });
  }
}
