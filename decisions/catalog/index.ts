import type { AcceleratorFacts } from "../../config/schema/accelerator-facts.ts";
import type { ModelFacts } from "../../config/schema/model-facts.ts";
import { accelerators } from "./accelerators.ts";
import { type EngineFacts, engines } from "./engines.ts";
import { type KubernetesFacts, kubernetes } from "./kubernetes.ts";
import { models } from "./models/index.ts";

/** Facts about hardware, models, engines and Kubernetes that decisions rest on, each with its source and date. */
export interface Catalog {
  readonly accelerators: Readonly<Record<string, AcceleratorFacts>>;
  readonly models: Readonly<Record<string, ModelFacts>>;
  readonly engines: Readonly<Record<"vllm", EngineFacts>>;
  readonly kubernetes: KubernetesFacts;
}

export const catalog: Catalog = { accelerators, models, engines, kubernetes };

/** The entry under `key`, or null: names from the file may be `constructor` or `__proto__`, which every object answers to. */
export function lookUp<T>(table: Readonly<Record<string, T>>, key: string): T | null {
  return Object.hasOwn(table, key) ? (table[key] ?? null) : null;
}
