import type { Finding } from "../../config/diagnostics/finding.ts";
import { renderFindings } from "../../config/diagnostics/render.ts";
import { load } from "../../config/load.ts";

/** A small sound stack file: one pool, one model with one version. Seventeen lines, which tests of places count on. */
export const soundStack = `apiVersion: freehold/v1alpha1
name: support-agents
environment: trial
state: { backend: local }
cluster: { target: local }
nodePools:
  h100: { accelerator: nvidia-h100-sxm, gpusPerNode: 8, nodes: { min: 2, max: 2 } }
models:
  chat:
    engine: vllm
    nodePool: h100
    maxModelLen: 32768
    tensorParallelSize: 2
    replicas: 2
    versions:
      v1: { weights: { repository: Qwen/Qwen3-32B } }
    traffic: { v1: 100 }
`;

/** The sound file with each `from` replaced by its `to`; a `from` that is not there is a mistake of the test. */
export function stackWith(...changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The sound stack file does not hold ${JSON.stringify(from)}.`);
    return text.replace(from, () => to);
  }, soundStack);
}

/** The codes of findings, in the order found. */
export function codesOf({ findings }: { readonly findings: readonly Finding[] }): string[] {
  return findings.map(({ code }) => code);
}

/** The screen that a user sees for a stack file, without colour. */
export function screenOf(input: string | Uint8Array): string {
  const { findings, text } = load(input);
  return renderFindings(findings, { files: { stack: { name: "config/stack.yaml", text } }, color: false });
}
