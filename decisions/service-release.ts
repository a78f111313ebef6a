import type { Lock } from "../config/lock/schema.ts";
import type { Decided, ImageBlueprint } from "./blueprint.ts";
import { countText } from "./figures.ts";
import { decideImage } from "./image.ts";
import { because, decided, policy } from "./reason.ts";

/** The image of a service of Freehold's own: the one that its section asks for, or what stands for it where no container runs. */
export function decideServiceImage(
  section: "gateway" | "agents",
  asked: string | undefined,
  localImage: string,
  lock: Lock | null,
): Decided<ImageBlueprint> {
  return decideImage(
    asked ?? localImage,
    lock,
    asked === undefined
      ? policy("The file names no image, which the local cluster alone accepts: no container runs there.")
      : because(`${section}.image`, `The file asks for ${asked}.`),
  );
}

/** How long Helm waits for a release whose replicas are replaced one after the other. Seconds. */
export function decideReleaseTimeout(
  replicas: number,
  { graceSeconds, startSeconds }: { readonly graceSeconds: number; readonly startSeconds: number },
): Decided<number> {
  return decided(
    replicas * (graceSeconds + startSeconds) + 60,
    policy(
      `${countText(replicas, "replica")}, one after the other: the old one stops (${graceSeconds} s), the new one starts (${startSeconds} s), and a minute more.`,
    ),
  );
}
