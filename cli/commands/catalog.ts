import { Failure } from "../../config/diagnostics/failure.ts";
import { finding, passes } from "../../config/diagnostics/finding.ts";
import { jsonText, renderFindings } from "../../config/diagnostics/render.ts";
import { checkCatalog } from "../../decisions/catalog/check-catalog.ts";
import { catalog as builtIn, type Catalog } from "../../decisions/catalog/index.ts";
import { listedKinds, listing } from "../../decisions/catalog/listing.ts";
import { withUserFacts } from "../../decisions/catalog/user-facts.ts";
import {
  type Command,
  type CommandContext,
  type ExitCode,
  exitCodes,
  jsonOption,
  type OptionValues,
} from "../command.ts";
import { openStack, refuse } from "../stack.ts";
import { table } from "../terminal/table.ts";

const usage = `list [${listedKinds.join("|")}] | check`;

export const catalog: Command = {
  name: "catalog",
  summary:
    "Lists the facts that decisions rest on, with source and date, or holds them against each other and the calendar.",
  usage: `${usage} [--search TEXT] [--file FILE] [--json]`,
  positionals: 2,
  options: {
    search: { type: "string", value: "TEXT", description: "list: only rows that hold this text, whatever its case." },
    file: {
      type: "string",
      value: "FILE",
      description: "Stack file whose `catalog` section is laid over Freehold's. Left out: Freehold's alone.",
    },
    ...jsonOption,
  },
  async run(context, options, [part, kindName]) {
    const known = catalogOf(context, options);
    if (known === null) return exitCodes.findings;
    if (part === "check" && kindName === undefined) return check(context, options, known);
    if (part === "list") return list(context, options, known, kindName);
    throw unusable(`catalog has the parts list and check, not ${JSON.stringify(part ?? "")}`);
  },
};

function list(
  context: CommandContext,
  { search, json }: OptionValues,
  known: Catalog,
  kindName: string | undefined,
): ExitCode {
  const { stdout } = context.terminal;
  if (kindName === undefined) {
    const rows = listedKinds.map((kind) => [kind, String(listing(kind, known).rows.length)]);
    stdout.write(
      json === true ? `${JSON.stringify(Object.fromEntries(rows))}\n` : `${table(["kind", "entries"], rows)}\n`,
    );
    return exitCodes.fine;
  }
  const kind = listedKinds.find((one) => one === kindName);
  if (kind === undefined)
    throw unusable(`there is no list of ${JSON.stringify(kindName)}; there are ${listedKinds.join(", ")}`);
  const { columns, rows } = listing(kind, known);
  const wanted = typeof search === "string" ? search.toLowerCase() : "";
  const found = rows.filter((row) => row.join(" ").toLowerCase().includes(wanted));
  if (json === true) {
    const entries = found.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
    stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
    return exitCodes.fine;
  }
  stdout.write(found.length === 0 ? `No ${kind} hold ${JSON.stringify(search)}.\n` : `${table(columns, found)}\n`);
  return exitCodes.fine;
}

function check(context: CommandContext, { json }: OptionValues, known: Catalog): ExitCode {
  const findings = checkCatalog(known, context.now().toISOString().slice(0, 10));
  const { stdout, stderr, color } = context.terminal;
  if (json === true) stdout.write(jsonText(findings, {}));
  else if (findings.length > 0) stderr.write(renderFindings(findings, { files: {}, color: color.stderr }));
  else stdout.write("The catalog agrees with itself, and nothing in it is old.\n");
  return passes(findings) ? exitCodes.fine : exitCodes.findings;
}

/** The catalog, with the file's own facts over it; null when they are at fault, which has then been told. */
function catalogOf(context: CommandContext, { file, json }: OptionValues): Catalog | null {
  if (typeof file !== "string") return builtIn;
  const { config, findings, files } = openStack(context, file);
  const laidOver = config === null ? null : withUserFacts(builtIn, config.catalog);
  if (laidOver !== null && laidOver.findings.length === 0) return laidOver.catalog;
  refuse(context, json === true, laidOver === null ? findings : laidOver.findings, files);
  return null;
}

function unusable(problem: string): Failure {
  const options = ["--search", "--file", "--json"];
  return new Failure(
    finding("RUN-111", { subject: "freehold catalog" }, { problem, usage: `freehold catalog ${usage}`, options }),
  );
}
