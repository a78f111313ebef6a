import { forContainers, type ObjectGuard, variablesOf } from "./object-guard.ts";

/** GRD-224: every container carries the switches of its software; from `sovereign` up there is none without a row. */
export const telemetrySwitches: ObjectGuard = forContainers("GRD-224", (container, { component }, { residency }) => {
  const row = residency.switches.find((switches) => switches.component === component);
  if (row === undefined) {
    const mode = residency.mode.value;
    return mode === "sovereign" || mode === "air-gapped"
      ? [`is of the component ${component ?? "that no label names"}, whose reports nobody has looked at`]
      : [];
  }
  const values = variablesOf(container);
  return Object.entries(row.variables)
    .filter(([name, value]) => values.get(name) !== value)
    .map(([name, value]) => `does not set ${name} to ${value}`);
});
