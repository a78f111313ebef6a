import { fields, list } from "../guard.ts";
import { forContainers, hasFlag, type ObjectGuard } from "./object-guard.ts";

/** What starts an engine. Another program, such as a shell, could be given any option out of sight. */
const serve = ["vllm", "serve"];

/** GRD-232: what a container is told stands in its own object, where the other rules can read it. */
export const ownWords: ObjectGuard = forContainers("GRD-232", (container, { component, spec }) => {
  const { body } = container;
  const isServing =
    component === "engine" && list(spec.containers).some((each) => fields(each).name === container.name);
  return [
    ...(list(body.envFrom).length > 0 ? ["takes all variables of another object"] : []),
    ...(isServing && !serve.every((word, index) => list(body.command)[index] === word)
      ? [`is started as ${list(body.command).join(" ") || "its image says"}`]
      : []),
    ...(isServing && hasFlag(container, "--config") ? ["reads its options from a file"] : []),
  ];
});
