import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { passes } from "../../config/diagnostics/finding.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import { evidenceFiles } from "../../decisions/residency/evidence.ts";
import { floorFacts } from "../../decisions/residency/floors.ts";
import { type Command, exitCodes, fileUsage } from "../command.ts";
import { replaceDirectory } from "../disk.ts";
import { type OutputMark, requireOutputFolder } from "../output-folder.ts";
import { openStack, report } from "../stack.ts";
import { synthesizeInto } from "../synth-output.ts";

/** Where evidence goes unless told otherwise. */
const defaultOutput = "evidence";
/** The list of hashes, by which a folder is known to be evidence. */
const mark: OutputMark = { file: "SHA256SUMS", isOurs: (text) => text.includes("  not-checked.md\n") };

export const evidence: Command = {
  name: "evidence",
  summary:
    "Writes one folder for an auditor: what runs, who may talk to whom, what was decided and checked, with hashes.",
  usage: `${fileUsage} [--out DIR]`,
  positionals: 1,
  options: {
    out: { type: "string", value: "DIR", description: `Output folder. Left out: ${defaultOutput} where you stand.` },
  },
  async run(context, options, [file]) {
    const { blueprint, findings, files } = openStack(context, file);
    if (!report(context, findings, files) || blueprint === null) return exitCodes.findings;
    const out = resolve(context.workingDirectory, typeof options.out === "string" ? options.out : defaultOutput);
    const shown = relative(context.workingDirectory, out) || ".";
    requireOutputFolder(out, shown, mark);
    const workshop = mkdtempSync(join(tmpdir(), "freehold-evidence-"));
    try {
      const synthesis = await synthesizeInto(blueprint, join(workshop, "out"), context.root);
      if (!report(context, synthesis.findings, files) || !passes(synthesis.findings)) return exitCodes.findings;
      // Loaded on demand, like all that knows the stacks.
      const { bundleItems } = await import("../../stacks/bundle.ts");
      const texts = evidenceFiles({
        blueprint,
        findings: [...findings, ...synthesis.findings],
        floors: floorFacts(blueprint, catalog),
        artifacts: bundleItems(blueprint, synthesis.stacks, synthesis.charts),
        output: hashesBelow(join(workshop, "out")),
      });
      const sums = Object.entries(texts)
        .map(([name, text]) => `${sha256(text)}  ${name}\n`)
        .sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1));
      replaceDirectory(out, (temporary) => {
        for (const [name, text] of Object.entries(texts)) writeFileSync(join(temporary, name), text);
        writeFileSync(join(temporary, mark.file), sums.join(""));
        // The one file that differs each time, and the one that no hash is listed of.
        writeFileSync(join(temporary, "timestamp.txt"), `${context.now().toISOString()}\n`);
      });
    } finally {
      rmSync(workshop, { recursive: true, force: true });
    }
    context.terminal.stdout.write(`${shown}/index.md\n`);
    return exitCodes.fine;
  },
};

/** SHA-256 of each file below a folder, by its path in it, sorted. */
function hashesBelow(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((item) => item.isFile())
      .map((item) => join(item.parentPath, item.name))
      .sort()
      .map((path) => [relative(folder, path), sha256(readFileSync(path))]),
  );
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
