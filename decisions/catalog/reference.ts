import { catalog } from "./index.ts";
import { type ListedKind, listedKinds, listing } from "./listing.ts";

const madeBy = "<!-- Made by `npm run generate` from decisions/catalog/. Do not edit. -->";

/** What a reader has to know of each kind, units above all. */
const meanings: Readonly<Record<ListedKind, string>> = {
  models: "Open models: parameters, bytes of weights as stored, kind of KV cache, longest context in tokens.",
  accelerators: "GPUs: memory that the driver reports, memory bandwidth, speed without sparsity, power of one GPU.",
  instances: "Instances that clouds rent, in US dollars an hour for the whole instance.",
  prices: "Prices of APIs, in US dollars per million tokens; context in tokens.",
  commitments: "What a commitment takes off the price on demand.",
  presets: "Capacity that is bought or rented by the node, in US dollars.",
  regions: "Regions of clouds, with the country whose law holds there.",
  licences: "Licences of models: whether they allow commercial use, and where they do not hold.",
};

/** The pages of `docs/reference` that say what the catalog knows, by path: an index and one page a kind. */
export function catalogReference(): Readonly<Record<string, string>> {
  const pages = listedKinds.map((kind) => [`docs/reference/catalog/${kind}.md`, kindPage(kind)]);
  return { "docs/reference/catalog.md": indexPage(), ...Object.fromEntries(pages) };
}

function indexPage(): string {
  return page([
    madeBy,
    "",
    "# The catalog",
    "",
    "The facts that decisions rest on. `freehold catalog list` shows the same on a terminal, `freehold catalog check` says",
    "which are undated or old. A stack file adds its own models and GPUs in its section `catalog`.",
    "",
    "| Kind | Entries | Meaning |",
    "|---|---|---|",
    ...listedKinds.map(
      (kind) => `| [${kind}](catalog/${kind}.md) | ${listing(kind, catalog).rows.length} | ${meanings[kind]} |`,
    ),
  ]);
}

/** Sources are long and few, so rows name them by number. */
function kindPage(kind: ListedKind): string {
  const { columns, rows } = listing(kind, catalog);
  const sources = [...new Set(rows.map((row) => row.at(-1) ?? ""))];
  return page([
    madeBy,
    "",
    `# Catalog: ${kind}`,
    "",
    `${meanings[kind]} A dash: not known, or none.`,
    "",
    tableRow(columns),
    `|${"---|".repeat(columns.length)}`,
    ...rows.map((row) => tableRow([...row.slice(0, -1), String(sources.indexOf(row.at(-1) ?? "") + 1)])),
    "",
    "## Sources",
    "",
    ...sources.map((source, index) => `${index + 1}. ${source}`),
  ]);
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function page(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
