import { at, finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { check } from "./check.ts";

/** Every workload is served by a model that the file defines, and its requests fit that model. */
export const workloadModel = check({
  reads: ["workloads", "models"],
  needsAllOf: ["models"],
  run: ({ workloads = {}, models }) => {
    const known = Object.keys(models);
    return Object.entries(workloads).flatMap(([workload, { model, inputTokens, outputTokens }]) => {
      const served = Object.hasOwn(models, model) ? models[model] : undefined;
      if (served === undefined) {
        const parameters = { workload, model, known, nearest: nearest(model, known) };
        return [finding("CST-105", at(["workloads", workload, "model"]), parameters)];
      }
      const { maxModelLen } = served;
      const input = inputTokens.p95;
      const output = outputTokens.p95;
      if (input + output <= maxModelLen) return [];
      const also = [{ path: ["models", model, "maxModelLen"], text: `maxModelLen is set here: ${maxModelLen}` }];
      const parameters = { workload, model, input, output, maxModelLen };
      return [finding("CST-106", at(["workloads", workload, "inputTokens", "p95"]), parameters, also)];
    });
  },
});
