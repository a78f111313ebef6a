import { createHash } from "node:crypto";
import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How a manifest speaks of content: by type, digest and size. */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  empty: "application/vnd.oci.empty.v1+json",
  bill: "application/vnd.cyclonedx+json",
} as const;

/**
 * A folder in the OCI image layout, which is what crane pushes: blobs by digest, and one entry.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export class Layout {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(join(folder, "blobs", "sha256"), { recursive: true });
  }

  /** Keeps a blob under its digest. */
  add(mediaType: string, content: Buffer): Descriptor {
    const digest = digestOf(content);
    writeFileSync(blobPath(this.folder, digest), content);
    return { mediaType, digest, size: content.length };
  }

  /** Keeps a JSON document, keys in the order given. */
  addJson(mediaType: string, content: object): Descriptor {
    return this.add(mediaType, Buffer.from(JSON.stringify(content)));
  }

  /** Takes a blob from another layout without using its space twice, where the disk allows that. */
  take(from: string, digest: string): void {
    const target = blobPath(this.folder, digest);
    if (existsSync(target)) return;
    const source = blobPath(from, digest);
    try {
      linkSync(source, target);
    } catch {
      copyFileSync(source, target);
    }
  }

  /** Makes the folder a layout whose one entry is `descriptor`. */
  finish(descriptor: Descriptor): void {
    writeFileSync(join(this.folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [descriptor] };
    writeFileSync(join(this.folder, "index.json"), JSON.stringify(index));
  }
}

export function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** A blob of a layout; it throws where the blob does not have its digest. */
export function readBlob(folder: string, digest: string): Buffer {
  const content = readFileSync(blobPath(folder, digest));
  if (digestOf(content) !== digest) throw new Error(`${blobPath(folder, digest)} does not have its digest`);
  return content;
}

function blobPath(folder: string, digest: string): string {
  return join(folder, "blobs", "sha256", digest.replace(/^sha256:/, ""));
}
