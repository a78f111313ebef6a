import { fields } from "../guard.ts";
import { forContainers, type ObjectGuard } from "./object-guard.ts";

const gpu = "nvidia.com/gpu";

/** GRD-209: each container says what it takes, and an engine says how many GPUs. There is no CPU limit on purpose. */
export const containerResources: ObjectGuard = forContainers("GRD-209", ({ body }, { component }) => {
  const { requests, limits } = fields(body.resources);
  const [asked, most] = [fields(requests), fields(limits)];
  return [
    ...["cpu", "memory", "ephemeral-storage"]
      .filter((name) => asked[name] === undefined)
      .map((name) => `requests no ${name}`),
    ...["memory", "ephemeral-storage"]
      .filter((name) => most[name] === undefined)
      .map((name) => `has no limit of ${name}`),
    ...(component === "engine" && !(Number(most[gpu]) > 0) ? ["has no limit of GPUs"] : []),
    ...(asked[gpu] !== undefined && String(asked[gpu]) !== String(most[gpu])
      ? ["requests other GPUs than its limit"]
      : []),
  ];
});
