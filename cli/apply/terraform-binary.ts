import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import type { CommandContext } from "../command.ts";
import { runProcess } from "../process.ts";

export interface TerraformBinary {
  /** `terraform`, `tofu`, or what TERRAFORM_BINARY_NAME says. */
  readonly name: string;
  readonly path: string;
  readonly version: string;
}

const minimumVersion = "1.11.0";

/**
 * Terraform or OpenTofu from PATH, new enough; a `Failure` says what is missing. Terraform wins when both would do: an
 * old one stays on many machines beside the OpenTofu that replaced it.
 */
export async function findTerraform(context: Pick<CommandContext, "environment" | "signal">): Promise<TerraformBinary> {
  const chosen = context.environment.TERRAFORM_BINARY_NAME;
  const names = chosen === undefined || chosen === "" ? ["terraform", "tofu"] : [chosen];
  let tooOld: Failure | null = null;
  for (const name of names) {
    const path = findExecutable(name, context.environment.PATH ?? "");
    if (path === null) continue;
    const result = await runProcess(path, ["version", "-json"], {
      environment: { ...context.environment, CHECKPOINT_DISABLE: "1" },
      signal: context.signal,
      timeoutSeconds: 30,
    });
    const version = readVersion(result.stdout);
    if (isOlder(version, minimumVersion)) {
      const parameters = { binary: name, version: version ?? "(no version)", minimum: minimumVersion };
      tooOld ??= new Failure(finding("RUN-121", { subject: name }, parameters));
      continue;
    }
    return { name, path, version: version ?? minimumVersion };
  }
  throw tooOld ?? new Failure(finding("RUN-120", { subject: names.join(", ") }, { lookedFor: names }));
}

function findExecutable(name: string, searchPath: string): string | null {
  const candidates = name.includes("/") ? [name] : searchPath.split(delimiter).map((folder) => join(folder, name));
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here; the next folder may have it.
    }
  }
  return null;
}

function readVersion(output: string): string | null {
  // A warning about the CLI configuration may stand before the JSON.
  const start = output.indexOf("{");
  if (start === -1) return null;
  try {
    const parsed: unknown = JSON.parse(output.slice(start));
    return parsed !== null &&
      typeof parsed === "object" &&
      "terraform_version" in parsed &&
      typeof parsed.terraform_version === "string"
      ? parsed.terraform_version
      : null;
  } catch {
    return null;
  }
}

/** True when `version` is unknown or below `minimum`; a pre-release counts as its release. */
export function isOlder(version: string | null, minimum: string): boolean {
  const numbers = (text: string) => text.split(/[.-]/).slice(0, 3).map(Number);
  if (version === null) return true;
  const found = numbers(version);
  const wanted = numbers(minimum);
  for (const [index, part] of wanted.entries()) {
    const other = found[index] ?? 0;
    if (Number.isNaN(other)) return true;
    if (other !== part) return other < part;
  }
  return false;
}
