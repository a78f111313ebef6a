import { lockedImageKey } from "../config/lock/image-reference.ts";
import type { Lock } from "../config/lock/schema.ts";
import type { Decided, ImageBlueprint, Reason } from "./blueprint.ts";
import { lookUp } from "./catalog/index.ts";
import { unknownVersionReasons } from "./engine-version.ts";
import { because, decided } from "./reason.ts";
import type { ReleaseContext } from "./release-context.ts";

/** The image a release runs: by digest from the lock, or by tag while it is unlocked. */
export function decideImage(context: ReleaseContext, lock: Lock | null): Decided<ImageBlueprint> {
  const { version, versionPath, catalog } = context;
  const reference = version.image ?? catalog.engines.vllm.image;
  const asked: Reason =
    version.image === undefined
      ? because(
          "catalog.engines.vllm.image",
          `The file names no image, so it is the release Freehold is tested with, ${reference}.`,
        )
      : because(`${versionPath}.image`, `The file asks for ${reference}.`);
  const key = lockedImageKey(reference);
  const locked = key === null ? null : lookUp(lock?.images ?? {}, key);
  if (key === null || locked === null) {
    return decided(
      { reference, digest: null, deployed: reference },
      asked,
      because("lock", "The lock has no digest for it, so the tag decides, and whoever owns the tag decides what runs."),
      ...unknownVersionReasons(reference),
    );
  }
  const at = key.indexOf("@");
  const named = at === -1 ? key : key.slice(0, at);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const repository = colon === -1 ? named : named.slice(0, colon);
  return decided(
    { reference, digest: locked.digest, deployed: `${repository}@${locked.digest}` },
    asked,
    because(
      `lock.images.${key}`,
      `${locked.source} gave ${locked.digest} for it on ${locked.resolvedAt.slice(0, 10)}.`,
    ),
    ...unknownVersionReasons(reference),
  );
}
