import { forContainers, type ObjectGuard } from "./object-guard.ts";

/** GRD-219: off the local target, what runs is what was reviewed. */
export const imagePinned: ObjectGuard = forContainers("GRD-219", ({ body }, _, { target }) => {
  const image = String(body.image);
  return target === "local" || /@sha256:[0-9a-f]{64}$/.test(image) ? [] : [`runs ${image} without a digest`];
});
