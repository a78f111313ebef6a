import { forContainers, type ObjectGuard, variableNames, variablesOf } from "./object-guard.ts";

const names = ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"];

/** GRD-225: no traces go to the maker of a library. A value from elsewhere may be `true`. */
export const tracing: ObjectGuard = forContainers("GRD-225", (container) => {
  const values = variablesOf(container);
  return variableNames(container)
    .filter((name) => names.includes(name) && (values.get(name) ?? "true") !== "false")
    .map((name) => `sets ${name}`);
});
