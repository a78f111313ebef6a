import { at, finding } from "../../config/diagnostics/finding.ts";
import type { Guard } from "./guard.ts";

/** A Service of this name sets VLLM_PORT in pods that take service links, and vLLM reads it. */
const taken = "vllm";

/** GRD-112: no Service, and no release whose Services carry its name, is called like the engine's own variables. */
export const engineServiceNames: Guard = ({ resources }) =>
  resources
    .filter(({ type, name }) => ["kubernetes_service_v1", "helm_release"].includes(type) && name === taken)
    .map(({ label, name, configPath }) =>
      finding("GRD-112", at(configPath, "key"), { resource: label, service: name }),
    );
