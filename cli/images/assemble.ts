import type { BaseImage, PlatformBase } from "./base-image.ts";
import type { Recipe } from "./dockerfile.ts";
import type { Layer } from "./layer.ts";
import { type Descriptor, digestOf, type Layout, mediaTypes, readBlob } from "./layout.ts";

/** The parts of a manifest that are read here; the rest is left behind. */
interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** The parts of an image's configuration that are changed here; the rest is handed on. */
interface ImageConfiguration {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly rootfs: { readonly type: string; readonly diff_ids: readonly string[] };
  readonly history?: readonly object[];
}

export interface Wanted {
  readonly recipe: Recipe;
  readonly service: string;
  readonly version: string;
  /** The service's own. */
  readonly layer: Layer;
}

/**
 * The base image with one more layer and its own user and entrypoint: an index where the base is one, else a manifest.
 * Nothing of when, where or by whom it was made goes in, so the same input has the same digest.
 */
export function assemble(base: BaseImage, wanted: Wanted, layout: Layout): Descriptor {
  const images = base.platforms.map((platform) => imageOn(platform, base, wanted, layout));
  const [only] = images;
  const isIndex = base.platforms.some(({ platform }) => platform !== null);
  if (!isIndex && only !== undefined) return only;
  const annotations = annotationsOf(base, wanted);
  return layout.addJson(mediaTypes.index, {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: images,
    annotations,
  });
}

function imageOn(
  { folder, manifest, platform }: PlatformBase,
  base: BaseImage,
  wanted: Wanted,
  layout: Layout,
): Descriptor {
  const { config: baseConfig, layers } = JSON.parse(readBlob(folder, manifest).toString("utf8")) as Manifest;
  const configuration = JSON.parse(readBlob(folder, baseConfig.digest).toString("utf8")) as ImageConfiguration;
  const layer = layout.add(`${mediaTypes.layer}+gzip`, wanted.layer.gzip);
  for (const { digest } of layers) layout.take(folder, digest);
  const config = layout.addJson(mediaTypes.config, withService(configuration, wanted, digestOf(wanted.layer.tar)));
  const made = layout.addJson(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: [...layers.map((each) => ({ ...each, mediaType: ociLayerType(each.mediaType) })), layer],
    annotations: annotationsOf(base, wanted),
  });
  return platform === null || platform === undefined ? made : { ...made, platform };
}

function withService(
  configuration: ImageConfiguration,
  { recipe, service }: Wanted,
  diffId: string,
): ImageConfiguration {
  // A command of the base would become arguments of this entrypoint.
  const { Cmd: _command, ...kept } = configuration.config ?? {};
  return {
    ...configuration,
    config: { ...kept, User: recipe.user, Entrypoint: recipe.entrypoint },
    rootfs: { ...configuration.rootfs, diff_ids: [...configuration.rootfs.diff_ids, diffId] },
    history: [
      ...(configuration.history ?? []),
      { created: "1970-01-01T00:00:00Z", created_by: `freehold images ${service}` },
    ],
  };
}

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md */
function annotationsOf(base: BaseImage, { service, version }: Wanted): Readonly<Record<string, string>> {
  return {
    "org.opencontainers.image.base.digest": base.digest,
    "org.opencontainers.image.title": service,
    "org.opencontainers.image.version": version,
  };
}

/** Docker's names for the same bytes are of its own manifests; an OCI manifest has OCI's. */
function ociLayerType(mediaType: string): string {
  return mediaType
    .replace(/^application\/vnd\.docker\.image\.rootfs\.diff\.tar/, mediaTypes.layer)
    .replace(/\.tar\.(gzip|zstd)$/, ".tar+$1");
}
