import type { Lock } from "../../config/lock/schema.ts";
import type { Decided, ImageBlueprint } from "../blueprint.ts";
import { unknownVersionReasons } from "../engine-version.ts";
import { decideImage } from "../image.ts";
import { because } from "../reason.ts";
import type { ReleaseContext } from "../release-context.ts";

/** The engine's image of a release. */
export function decideEngineImage(
  { version, versionPath, catalog }: ReleaseContext,
  lock: Lock | null,
): Decided<ImageBlueprint> {
  const reference = version.image ?? catalog.engines.vllm.image;
  const asked =
    version.image === undefined
      ? because(
          "catalog.engines.vllm.image",
          `The file names no image, so it is the release Freehold is tested with, ${reference}.`,
        )
      : because(`${versionPath}.image`, `The file asks for ${reference}.`);
  return decideImage(reference, lock, asked, ...unknownVersionReasons(reference));
}
