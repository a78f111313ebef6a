import type { AcceleratorFacts } from "../../config/schema/accelerator-facts.ts";
import type { ModelFacts } from "../../config/schema/model-facts.ts";
import { type CacheLayout, cacheLayout } from "../../decisions/capacity/key-value-cache.ts";
import { type ServingSetup, type SetupInput, servingSetup } from "../../decisions/capacity/serving-setup.ts";
import { catalog, lookUp } from "../../decisions/catalog/index.ts";

export const gib = 2 ** 30;

export function modelOf(repository: string): ModelFacts {
  const facts = lookUp(catalog.models, repository);
  if (facts === null) throw new Error(`The catalog has no ${repository}.`);
  return facts;
}

export function acceleratorOf(name: string): AcceleratorFacts {
  const facts = lookUp(catalog.accelerators, name);
  if (facts === null) throw new Error(`The catalog has no ${name}.`);
  return facts;
}

type Named = Partial<Omit<SetupInput, "model" | "accelerator">> & {
  readonly model?: string;
  readonly accelerator?: string;
};

/** A replica of Qwen3-32B on one H100 with vLLM 0.11, and whatever a test says otherwise. */
export function setupOf({ model, accelerator, ...rest }: Named = {}): ServingSetup {
  return servingSetup({
    model: modelOf(model ?? "Qwen/Qwen3-32B"),
    accelerator: acceleratorOf(accelerator ?? "nvidia-h100-sxm"),
    release: [0, 11],
    maxModelLen: 16_000,
    ...rest,
  });
}

/** The cache's layout, where there is one. */
export function layoutOf(setup: ServingSetup): CacheLayout {
  const layout = cacheLayout(setup);
  if (layout.kind === "measure") throw new Error(layout.reason);
  return layout;
}
