import { forContainers, hasFlag, type ObjectGuard, variablesOf } from "./object-guard.ts";

const flags = ["--enable-log-requests", "--enable-log-outputs", "--enable-log-deltas"];

/** GRD-226: prompts and answers are in no log. */
export const promptLogs: ObjectGuard = forContainers("GRD-226", (container) => {
  const values = variablesOf(container);
  return [
    ...flags.filter((flag) => hasFlag(container, flag)).map((flag) => `is given ${flag}`),
    ...(values.get("VLLM_LOGGING_LEVEL") === "DEBUG" ? ["sets VLLM_LOGGING_LEVEL to DEBUG"] : []),
    ...(/^(1|true)$/i.test(values.get("VLLM_DEBUG_LOG_API_SERVER_RESPONSE") ?? "")
      ? ["sets VLLM_DEBUG_LOG_API_SERVER_RESPONSE"]
      : []),
  ];
});
