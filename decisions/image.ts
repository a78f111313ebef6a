import { lockedImageKey } from "../config/lock/image-reference.ts";
import type { Lock } from "../config/lock/schema.ts";
import type { Decided, ImageBlueprint, Reason } from "./blueprint.ts";
import { lookUp } from "./catalog/index.ts";
import { because, decided } from "./reason.ts";

/** The image that runs for a reference: by digest from the lock, or by tag while it is unlocked. */
export function decideImage(
  reference: string,
  lock: Lock | null,
  asked: Reason,
  ...more: readonly Reason[]
): Decided<ImageBlueprint> {
  const key = lockedImageKey(reference);
  const locked = key === null ? null : lookUp(lock?.images ?? {}, key);
  if (key === null || locked === null) {
    return decided(
      { reference, digest: null, deployed: reference, bytes: null },
      asked,
      because("lock", "The lock has no digest for it, so the tag decides, and whoever owns the tag decides what runs."),
      ...more,
    );
  }
  const at = key.indexOf("@");
  const named = at === -1 ? key : key.slice(0, at);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const repository = colon === -1 ? named : named.slice(0, colon);
  return decided(
    {
      reference,
      digest: locked.digest,
      deployed: `${repository}@${locked.digest}`,
      bytes: locked.bytes ?? null,
    },
    asked,
    because(
      `lock.images.${key}`,
      `${locked.source} gave ${locked.digest} for it on ${locked.resolvedAt.slice(0, 10)}.`,
    ),
    ...more,
  );
}
