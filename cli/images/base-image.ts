import { randomBytes } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { type ImageReference, imageKey, parseImageReference } from "../../config/lock/image-reference.ts";
import { readOptionalFile, replaceFile } from "../disk.ts";
import { RegistryAddresses } from "../lock/mirrors.ts";
import type { Environment } from "../lock/proxy.ts";
import type { Crane } from "./crane.ts";
import { type Descriptor, digestOf, readBlob } from "./layout.ts";

/** A base image for one platform, as a layout on this disk. */
export interface PlatformBase {
  readonly folder: string;
  /** Digest of its manifest. */
  readonly manifest: string;
  /** Null where the base is one image and not an index. */
  readonly platform: Descriptor["platform"] | null;
}

/** The base of all images of a run. */
export interface BaseImage {
  readonly digest: string;
  readonly platforms: readonly PlatformBase[];
}

/** The parts of an index, a manifest and an image's configuration that are looked at here. */
interface Manifest {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
  readonly os?: string;
  readonly architecture?: string;
}

/** What Freehold is tested for, and what GPU nodes are. */
const architectures: readonly string[] = ["amd64", "arm64"];

/** A base image with its digest, or a failure that says what it lacks. @throws Failure IMG-103 */
export function baseReference(text: string, place: string): ImageReference & { readonly digest: string } {
  const refuse = (detail: string) => new Failure(finding("IMG-103", { subject: place }, { text, detail }));
  const { reference, problem } = parseImageReference(text);
  if (reference === null) {
    throw refuse(problem.kind === "unreadable" ? problem.detail : "it has no digest");
  }
  if (reference.digest === null) throw refuse("it has no digest");
  return { ...reference, digest: reference.digest };
}

/**
 * The base image, pulled once and kept in `store`: content named by its digest does not change.
 * FREEHOLD_REGISTRY_MIRRORS says where its registry is asked. @throws Failure IMG-107, IMG-201 to IMG-206
 */
export async function pullBase(
  reference: ImageReference & { readonly digest: string },
  { crane, store, environment }: { readonly crane: Crane; readonly store: string; readonly environment: Environment },
): Promise<BaseImage> {
  const named = imageKey(reference);
  const { origin, folder: path } = new RegistryAddresses(environment).addressOf(reference.registry);
  const repository = `${origin.host}/${path}${reference.repository}`;
  const flags = origin.protocol === "http:" ? ["--insecure"] : [];
  const errand = { doing: "pulling", reference: named } as const;

  const text = await kept(join(store, `${hex(reference.digest)}.json`), reference.digest, () =>
    crane.run(["manifest", ...flags, `${repository}@${reference.digest}`], errand),
  );
  const { manifests } = parse(text);
  const images: readonly Pick<Descriptor, "digest" | "platform">[] = manifests?.filter(isSuitable) ?? [reference];
  const platforms: PlatformBase[] = [];
  for (const { digest, platform } of images) {
    const folder = join(store, hex(digest));
    if (!isWhole(folder, digest)) {
      rmSync(folder, { recursive: true, force: true });
      await whole(folder, (arriving) =>
        crane.run(["pull", "--format=oci", ...flags, `${repository}@${digest}`, arriving], errand),
      );
    }
    platforms.push({ folder, manifest: digest, platform: manifests === undefined ? null : platform });
  }
  const problem = problemWith(platforms);
  if (problem !== null) throw new Failure(finding("IMG-107", { subject: named }, { reference: named, problem }));
  return { digest: reference.digest, platforms };
}

function problemWith(platforms: readonly PlatformBase[]): string | null {
  const none = "it has no image for Linux on amd64 or arm64";
  if (platforms.length === 0) return none;
  for (const { folder, manifest } of platforms) {
    const { config } = parse(readBlob(folder, manifest).toString("utf8"));
    if (config === undefined) return "it is neither an image nor an index of images";
    const { os, architecture } = parse(readBlob(folder, config.digest).toString("utf8"));
    if (os !== "linux" || !architectures.includes(architecture ?? "")) return none;
  }
  return null;
}

function isSuitable({ platform }: Descriptor): boolean {
  return platform?.os === "linux" && architectures.includes(platform.architecture);
}

/** The text of a file that has the digest, asked for only when it is not there or was damaged. */
async function kept(path: string, digest: string, ask: () => Promise<string>): Promise<string> {
  const there = readOptionalFile(path);
  if (there !== null && digestOf(Buffer.from(there)) === digest) return there;
  const text = await ask();
  replaceFile(path, text);
  return text;
}

/** True when an image is there with all its blobs, each with its digest. */
function isWhole(folder: string, digest: string): boolean {
  try {
    const { config, layers = [] } = parse(readBlob(folder, digest).toString("utf8"));
    for (const blob of config === undefined ? layers : [config, ...layers]) readBlob(folder, blob.digest);
    return true;
  } catch {
    // Not there, or damaged: either way it is pulled.
    return false;
  }
}

/** Fills a folder under another name, so that a broken line leaves none that looks whole. */
async function whole(folder: string, fill: (arriving: string) => Promise<unknown>): Promise<void> {
  const arriving = `${folder}.arriving-${randomBytes(4).toString("hex")}`;
  try {
    await fill(arriving);
    // Another process may have been faster; what it has is the same.
    if (!existsSync(folder)) renameSync(arriving, folder);
  } finally {
    rmSync(arriving, { recursive: true, force: true });
  }
}

function parse(text: string): Manifest {
  return JSON.parse(text) as Manifest;
}

function hex(digest: string): string {
  return digest.replace(/^sha256:/, "");
}
