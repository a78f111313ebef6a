import { forContainers, type ObjectGuard } from "./object-guard.ts";

const moving = /^(latest|main|master|nightly|edge|dev|stable)$/;

/** GRD-218: no image by a tag that is meant to move, not even beside a digest. */
export const imageTag: ObjectGuard = forContainers("GRD-218", ({ body }) => {
  const image = String(body.image);
  const [named = "", digest] = image.split("@");
  const tag = /:([^/:]+)$/.exec(named)?.[1];
  const isMoving = tag === undefined ? digest === undefined : moving.test(tag);
  return isMoving ? [`runs ${image}`] : [];
});
