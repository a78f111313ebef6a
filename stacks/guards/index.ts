import type { Finding } from "../../config/diagnostics/finding.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import type { SynthesizedStack } from "../build.ts";
export function checkStacks(_stacks: readonly SynthesizedStack[], _blueprint: Blueprint): Finding[] {
  return [];
}
