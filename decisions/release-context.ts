import type { ServingShape } from "./serving-shape.ts";
import type { VersionContext } from "./version-context.ts";

/** A model version whose replicas have a size and a number. */
export interface ReleaseContext extends VersionContext {
  readonly shape: ServingShape;
}
