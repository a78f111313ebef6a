import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import * as z from "zod";
import { Failure } from "../config/diagnostics/failure.ts";
import { finding, passes } from "../config/diagnostics/finding.ts";
import type { Blueprint } from "../decisions/blueprint.ts";
import type { Synthesis } from "../stacks/synthesize.ts";
import { systemMessage } from "./disk.ts";
import type { OutputMark } from "./output-folder.ts";

/** What Terraform keeps in a stack folder of its own; a new synthesis leaves it alone. */
const keptByTerraform = /^(\.terraform(\.lock\.hcl)?|terraform\.tfstate.*|.*\.tfplan)$/;

/** The list of stacks that cdktf-cli reads. */
const manifestFile = "manifest.json";
const manifest = z.object({ version: z.string(), stacks: z.record(z.string(), z.object({ name: z.string() })) });

/** The output has no file of its own for this: it is byte for byte what `cdktf synth` writes. */
export const synthMark: OutputMark = {
  file: manifestFile,
  isOurs(text) {
    try {
      return manifest.safeParse(JSON.parse(text)).success;
    } catch {
      return false;
    }
  },
};

/**
 * Synthesizes into a neighbour of `outputDirectory` and only then takes it over, so that a refused stack, a full disk
 * or Ctrl-C leaves the last output as it was. With an error among the guards' findings nothing is written.
 */
export async function synthesizeInto(blueprint: Blueprint, outputDirectory: string, root: string): Promise<Synthesis> {
  // Loaded on demand: commands that synthesize nothing do not pay for cdktf.
  const { synthesize } = await import("../stacks/synthesize.ts");
  let temporary: string | null = null;
  try {
    mkdirSync(dirname(outputDirectory), { recursive: true });
    temporary = mkdtempSync(join(dirname(outputDirectory), ".freehold-synth-"));
    const synthesis = synthesize(blueprint, { outputDirectory: temporary, chartsDirectory: join(root, "charts") });
    if (passes(synthesis.findings)) takeOver(temporary, outputDirectory);
    return synthesis;
  } catch (error) {
    if (error instanceof Error && "syscall" in error) {
      const path = relative(process.cwd(), outputDirectory) || outputDirectory;
      throw new Failure(finding("RUN-113", { subject: path }, { path, problem: systemMessage(error) }));
    }
    throw error;
  } finally {
    if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
  }
}

function takeOver(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const item of readdirSync(to)) {
    const there = join(to, item);
    if (keptByTerraform.test(item)) continue;
    const next = join(from, item);
    if (!existsSync(next)) rmSync(there, { recursive: true, force: true });
    else if (statSync(there).isDirectory() !== statSync(next).isDirectory()) rmSync(there, { recursive: true });
  }
  // The manifest first: by it the next run knows the folder, also when this one is broken off here.
  const items = readdirSync(from).sort((a, b) => Number(b === manifestFile) - Number(a === manifestFile));
  for (const item of items) {
    const next = join(from, item);
    const there = join(to, item);
    if (statSync(next).isDirectory()) takeOver(next, there);
    else if (!existsSync(there) || !readFileSync(there).equals(readFileSync(next))) moveFile(next, there);
  }
}

/** Puts a file in its place whole or not at all; on the same disk this takes no room either. */
function moveFile(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EXDEV")) throw error;
    // The output folder is a disk of its own.
    const temporary = `${to}.${process.pid}`;
    try {
      cpSync(from, temporary);
      renameSync(temporary, to);
    } finally {
      rmSync(temporary, { force: true });
    }
  }
}
