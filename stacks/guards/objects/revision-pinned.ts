import { forContainers, type ObjectGuard, wordsOf } from "./object-guard.ts";

const flags = ["--revision", "--tokenizer-revision"];

/** GRD-227: off the local target, an engine serves a commit. */
export const revisionPinned: ObjectGuard = forContainers("GRD-227", (container, { component }, { target }) => {
  if (target === "local" || component !== "engine") return [];
  const words = wordsOf(container);
  return flags.flatMap((flag) => {
    const index = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
    const revision = index === -1 ? null : (words[index]?.split("=")[1] ?? words[index + 1] ?? "");
    if (revision === null) return [`is given no ${flag}`];
    return /^[0-9a-f]{40}$/.test(revision) ? [] : [`serves the revision ${revision}`];
  });
});
