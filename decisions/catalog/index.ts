import type { AcceleratorFacts } from "../../config/schema/accelerator-facts.ts";
import type { ModelFacts } from "../../config/schema/model-facts.ts";
import { accelerators } from "./accelerators.ts";
import { type EngineFacts, engines } from "./engines.ts";
import { type Floor, floors } from "./floors/index.ts";
import { type Instance, instances } from "./instances/index.ts";
import { type KubernetesFacts, kubernetes } from "./kubernetes.ts";
import { models } from "./models/index.ts";
import { type Provider, providers } from "./prices/providers.ts";

export { lookUp } from "./look-up.ts";

/** Facts about hardware, models, engines and Kubernetes that decisions rest on, each with its source and date. */
export interface Catalog {
  readonly accelerators: Readonly<Record<string, AcceleratorFacts>>;
  readonly models: Readonly<Record<string, ModelFacts>>;
  readonly engines: Readonly<Record<"vllm", EngineFacts>>;
  readonly floors: Readonly<Record<string, Floor>>;
  readonly kubernetes: KubernetesFacts;
  readonly instances: readonly Instance[];
  readonly providers: Readonly<Record<string, Provider>>;
}

export const catalog: Catalog = { accelerators, models, engines, floors, kubernetes, instances, providers };
