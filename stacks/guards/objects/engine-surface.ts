import { forContainers, hasFlag, type ObjectGuard, variableNames, variablesOf } from "./object-guard.ts";

/** Options with which a request opens files, templates or tools, or resets what others use. Source: vLLM's security guide. */
const flags = [
  "--allowed-local-media-path",
  "--enable-tokenizer-info-endpoint",
  "--tool-server",
  "--trust-request-chat-template",
  "--enable-server-load-tracking-debug",
];
const variables = ["VLLM_SERVER_DEV_MODE", "VLLM_ALLOW_RUNTIME_LORA_UPDATING", "VLLM_TORCH_PROFILER_DIR"];
const off = /^(|0|false)$/i;

/** GRD-223: an engine answers requests and does nothing else on their behalf. */
export const engineSurface: ObjectGuard = forContainers("GRD-223", (container) => {
  const values = variablesOf(container);
  return [
    ...flags.filter((flag) => hasFlag(container, flag)).map((flag) => `is given ${flag}`),
    ...variableNames(container)
      .filter((name) => variables.includes(name) && !off.test(values.get(name) ?? "unknown"))
      .map((name) => `sets ${name}`),
  ];
});
