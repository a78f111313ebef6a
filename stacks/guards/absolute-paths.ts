import { at, finding } from "../../config/diagnostics/finding.ts";
import type { SynthesizedStack } from "../build.ts";
import { type Guard, type Resource, texts } from "./guard.ts";

const absolute = /^(\/(?!\/)|[A-Za-z]:[\\/]|file:)/;

/**
 * What Terraform reads on the machine it runs on. Paths inside containers are absolute by nature and lie in the
 * resources of the cluster and in a chart's values.
 */
function* ownTexts(
  { name, json }: SynthesizedStack,
  resources: readonly Resource[],
): Generator<{ readonly at: string; readonly text: string }> {
  yield* texts(json.terraform, "terraform");
  yield* texts(json.provider, "provider");
  yield* texts(json.output, "output");
  for (const { stack, type, label, body } of resources) {
    if (stack !== name || type.startsWith("kubernetes_")) continue;
    const { values: _, ...rest } = body;
    yield* texts(rest, label);
  }
}

/** GRD-111: the same commit gives the same output on every machine. */
export const absolutePaths: Guard = ({ stacks, resources }) =>
  stacks.flatMap((stack) =>
    [...ownTexts(stack, resources)]
      .filter(({ text }) => absolute.test(text))
      .map(({ at: attribute, text }) => finding("GRD-111", at(["name"]), { stack: stack.name, attribute, path: text })),
  );
