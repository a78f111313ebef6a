import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Finding, passes } from "../../config/diagnostics/finding.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import type { CommandContext } from "../command.ts";
import { replaceDirectory } from "../disk.ts";
import type { OutputMark } from "../output-folder.ts";
import { synthesizeInto } from "../synth-output.ts";
import { manifestUnits, writeUnits } from "./manifest-units.ts";
import { checkRendered } from "./rendered-objects.ts";

/** A hidden file, so that whatever applies the folder passes it over. */
export const renderMark: OutputMark = { file: ".freehold-render", isOurs: () => true };

const markText = "Written by `freehold render`, which replaces this folder as a whole.\n";

export interface RenderedManifests {
  readonly findings: readonly Finding[];
  /** Paths of the files, sorted. */
  readonly written: readonly string[];
}

/**
 * Writes a Blueprint as manifests: `OUT/<stack>/<unit>.yaml`, and for each chart release its values beside it as
 * `<release>.values.yaml`. The folder is replaced as a whole.
 */
export async function renderManifests(
  context: CommandContext,
  blueprint: Blueprint,
  helmPath: string,
  outputDirectory: string,
): Promise<RenderedManifests> {
  const workshop = mkdtempSync(join(tmpdir(), "freehold-render-"));
  try {
    const { findings, stacks } = await synthesizeInto(blueprint, join(workshop, "out"), context.root);
    if (!passes(findings)) return { findings, written: [] };
    const units = manifestUnits(stacks, blueprint, join(workshop, "out"));
    const rendered = await writeUnits(units, join(workshop, "units"), helmPath, context.environment);
    const refused = checkRendered(rendered, blueprint);
    if (!passes(refused)) return { findings: refused, written: [] };
    const files = rendered.flatMap(({ unit, manifests }) => [
      [join(unit.stack, `${unit.name}.yaml`), manifests] as const,
      ...("release" in unit
        ? [[join(unit.stack, `${unit.name}.values.yaml`), stringify(unit.release.values, { lineWidth: 0 })] as const]
        : []),
    ]);
    replaceDirectory(outputDirectory, (temporary) => {
      writeFileSync(join(temporary, renderMark.file), markText);
      for (const [path, text] of files) {
        mkdirSync(join(temporary, path, ".."), { recursive: true });
        writeFileSync(join(temporary, path), text);
      }
    });
    return { findings, written: files.map(([path]) => join(outputDirectory, path)).sort() };
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}
