import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { lockedImageKey, parseImageReference } from "../../config/lock/image-reference.ts";
import type { Lock, LockedImage } from "../../config/lock/schema.ts";
import { lockText } from "../../config/lock/write.ts";
import { RegistryAddresses } from "../lock/mirrors.ts";
import type { BuiltImage, ServiceImage } from "./build.ts";
import type { Crane } from "./crane.ts";

/** Where images go: a path at a registry. */
export interface Destination {
  /** `registry.example.com/freehold`. */
  readonly path: string;
  /** `registry.example.com` */
  readonly registry: string;
}

/** The place that `--to` names. @throws Failure IMG-104 */
export function destination(text: string): Destination {
  const refuse = (detail: string) => new Failure(finding("IMG-104", { subject: "--to" }, { text, detail }));
  const path = text.replace(/\/+$/, "");
  const { reference, problem } = parseImageReference(`${path}/service:1`);
  if (reference === null) {
    throw refuse(problem.kind === "unreadable" ? problem.detail : "it is not `registry/path`");
  }
  // Without a host Docker Hub would be meant, and nobody publishes there by leaving something out.
  if (!path.startsWith(`${reference.registry}/`) && path !== reference.registry) {
    throw refuse("it names no registry");
  }
  return { path, registry: reference.registry };
}

/** The reference under which charts and lock know an image. */
export function publishedReference({ path }: Destination, { service, version }: ServiceImage): string {
  return `${path}/${service}:${version}`;
}

/**
 * Pushes images and bills by digest first, where nobody finds them who was not told the digest; then moves the tags, and
 * asks what they lead to. @throws Failure IMG-201 to IMG-206
 */
export async function publish(
  built: readonly BuiltImage[],
  { to, crane, onPush }: { to: Destination; crane: Crane; onPush(reference: string): void },
): Promise<void> {
  const errandOf = (each: BuiltImage) => ({ doing: "pushing", reference: publishedReference(to, each) }) as const;
  for (const each of built) {
    const repository = `${to.path}/${each.service}`;
    onPush(publishedReference(to, each));
    await crane.run(["push", each.layout.folder, `${repository}@${each.image.digest}`], errandOf(each));
    await crane.run(["push", each.billLayout.folder, `${repository}@${each.bill.digest}`], errandOf(each));
  }
  for (const each of built) {
    const errand = errandOf(each);
    const { reference } = errand;
    await crane.run(["tag", `${to.path}/${each.service}@${each.image.digest}`, each.version], errand);
    const found = (await crane.run(["digest", reference], errand)).trim();
    if (found !== each.image.digest) {
      const parameters = { reference, pushed: each.image.digest, found };
      throw new Failure(finding("IMG-205", { subject: reference }, parameters));
    }
  }
}

/** The key under which the lock knows an image. */
export function lockKey(to: Destination, image: ServiceImage): string {
  const text = publishedReference(to, image);
  const key = lockedImageKey(text);
  if (key === null) throw new TypeError(`${text} was accepted as a place and cannot be read`);
  return key;
}

/**
 * The lock's text with the digests of what was pushed, where the stack file asks for it: a lock holds nothing else. An
 * entry whose digest is the same stays as it was, date included.
 */
export function lockWith(
  built: readonly BuiltImage[],
  options: {
    readonly to: Destination;
    readonly now: Date;
    readonly lock: Lock;
    /** Keys of the images that the stack file asks for. */
    readonly asked: ReadonlySet<string>;
  },
): string {
  const { to, now, lock, asked } = options;
  const images: Record<string, LockedImage> = { ...lock.images };
  for (const each of built) {
    const key = lockKey(to, each);
    const { digest } = each.image;
    const old = Object.hasOwn(images, key) ? images[key] : undefined;
    if (!asked.has(key) || (old?.digest === digest && old.bytes !== undefined)) continue;
    const { bytes } = each;
    const size = bytes === null ? {} : { bytes };
    if (old?.digest === digest) {
      images[key] = { ...old, ...size };
      continue;
    }
    // No mirror stands for a registry that is pushed to.
    const { origin } = new RegistryAddresses({}).addressOf(to.registry);
    images[key] = { digest, ...size, source: origin.href.replace(/\/$/, ""), resolvedAt: now.toISOString() };
  }
  return lockText({ ...lock, images });
}
