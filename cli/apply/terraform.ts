import { join } from "node:path";
import { Failure } from "../../config/diagnostics/failure.ts";
import { type Finding, finding } from "../../config/diagnostics/finding.ts";
import type { ClusterAccess } from "../cluster/kubectl.ts";
import { lastLines, type ProcessResult, runProcess } from "../process.ts";
import { backendChange } from "./state-backend.ts";
import type { TerraformBinary } from "./terraform-binary.ts";

/** One stack folder with the binary that works on it. */
export interface TerraformStack {
  readonly binary: TerraformBinary;
  readonly stack: string;
  /** `<out>/stacks/<stack>`. */
  readonly directory: string;
  readonly access: ClusterAccess;
}

export interface StackPlan {
  readonly stack: TerraformStack;
  readonly hasChanges: boolean;
  /** The plan as Terraform shows it. */
  readonly text: string;
}

const planFile = "freehold.tfplan";

function terraform(
  { binary, directory, access }: TerraformStack,
  args: readonly string[],
  onOutput?: (text: string) => void,
): Promise<ProcessResult> {
  return runProcess(binary.path, args, {
    directory,
    environment: {
      ...access.environment,
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
    },
    signal: access.signal,
    ...(onOutput === undefined ? {} : { onOutput }),
  });
}

/**
 * Prepares the stack's folder: providers and state. A folder that another stack file used before is set to this one's
 * state; where the same stack keeps its state somewhere else than last time, only its owner can say what becomes of it.
 */
export async function initialize(stack: TerraformStack): Promise<void> {
  const init = ["init", "-input=false", "-no-color"];
  let result = await terraform(stack, init);
  if (result.status !== 0 && /Backend configuration changed/.test(result.stdout + result.stderr)) {
    const { otherStack, ...places } = backendChange(stack.directory);
    if (!otherStack) {
      const parameters = { binary: stack.binary.name, stack: stack.stack, ...places };
      throw new Failure(finding("RUN-125", { subject: stack.stack }, parameters));
    }
    result = await terraform(stack, [...init, "-reconfigure"]);
  }
  if (result.status !== 0) throw new Failure(explainFailure(stack, "init", result));
}

/** What applying the stack would change; the plan is kept, so that what is applied is what was shown. */
export async function plan(stack: TerraformStack, options: { readonly destroy?: boolean } = {}): Promise<StackPlan> {
  const result = await terraform(stack, [
    "plan",
    "-input=false",
    "-no-color",
    "-detailed-exitcode",
    `-out=${planFile}`,
    ...(options.destroy === true ? ["-destroy"] : []),
  ]);
  if (result.status !== 0 && result.status !== 2) throw new Failure(explainFailure(stack, "plan", result));
  const shown = await terraform(stack, ["show", "-no-color", planFile]);
  return { stack, hasChanges: result.status === 2, text: shown.stdout.trim() };
}

/** Applies the plan that was shown. */
export async function applyPlan({ stack }: StackPlan, onOutput?: (text: string) => void): Promise<void> {
  const result = await terraform(stack, ["apply", "-input=false", "-no-color", planFile], onOutput);
  if (result.status !== 0) throw new Failure(explainFailure(stack, "apply", result));
}

/** Folder of a stack under an output folder. */
export function stackDirectory(outputDirectory: string, stack: string): string {
  return join(outputDirectory, "stacks", stack);
}

/** True when a failed `init` means that no provider could be fetched. */
function lacksProviders(result: Pick<ProcessResult, "stdout" | "stderr">): boolean {
  return /Failed to (query available provider packages|install provider)|provider registry .* does not have/i.test(
    result.stdout + result.stderr,
  );
}

/** The finding that a failed run means, from what it printed. */
export function explainFailure({ binary, stack }: TerraformStack, step: string, result: ProcessResult): Finding {
  const text = `${result.stdout}\n${result.stderr}`;
  if (step === "init" && lacksProviders(result)) {
    const reason = /could not connect to .*?(?=: Get "|$)/m.exec(unwrap(text))?.[0] ?? lastLines(result, 3);
    return finding("RUN-122", { subject: binary.name }, { binary: binary.name, detail: reason.slice(0, 200) });
  }
  if (/Error acquiring the state lock/.test(text)) {
    const field = (name: string) => new RegExp(`^\\s*${name}:\\s*(\\S.*)$`, "m").exec(text)?.[1]?.trim();
    const [id, who, created] = [field("ID"), field("Who"), field("Created")];
    const detail =
      id === undefined
        ? lastLines(result, 3)
        : `Lock ID ${id}, held by ${who ?? "unknown"} since ${created ?? "unknown"}.`;
    return finding("RUN-123", { subject: stack }, { stack, detail });
  }
  if (/no space left on device/i.test(text)) {
    return finding("RUN-113", { subject: stack }, { path: stack, problem: "no space left on device" });
  }
  return finding("RUN-124", { subject: stack }, { binary: binary.name, stack, step, detail: errorsOf(text) });
}

// Terraform frames its messages and breaks their lines; a finding is one paragraph.
function unwrap(text: string): string {
  return text.replace(/^[│╷╵]\s?/gm, "").replace(/\n(?=\S)/g, " ");
}

function errorsOf(text: string): string {
  const plain = text.replace(/^[│╷╵]\s?/gm, "");
  const blocks = plain.split(/^Error: /m).slice(1);
  const shown = blocks.slice(0, 3).map((block) => block.replace(/\s+/g, " ").trim().slice(0, 400));
  return shown.length === 0 ? text.trim().split("\n").slice(-6).join("\n") : shown.join("\n");
}
