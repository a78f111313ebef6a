import { forContainers, type ObjectGuard, variableNames } from "./object-guard.ts";

const tokens = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_TOKEN", "NGC_API_KEY"];

/** GRD-222: only the pods that fetch weights are given a hub's token. */
export const servingToken: ObjectGuard = forContainers("GRD-222", (container, { component }) =>
  component === "fetch-weights"
    ? []
    : variableNames(container)
        .filter((name) => tokens.includes(name))
        .map((name) => `has the variable ${name}`),
);
