/** The platform of GPU nodes, whose image is reckoned where one has several. */
const platform = { os: "linux", architecture: "amd64" } as const;

/** What a manifest says it takes to carry the image: layers and configuration. Null for what is no manifest of an image. */
export function imageBytes(manifest: unknown): number | null {
  const { config, layers } = fields(manifest);
  if (config === undefined || !Array.isArray(layers)) return null;
  const sizes = [config, ...(layers as unknown[])].map((part) => fields(part).size);
  const isCounted = (size: unknown): size is number => Number.isSafeInteger(size) && Number(size) >= 0;
  return sizes.every(isCounted) ? sizes.reduce((sum, size) => sum + size, 0) : null;
}

/** Digest of the manifest for GPU nodes in an index; null where it has none, and for what is no index. */
export function platformManifest(index: unknown): string | null {
  const { manifests } = fields(index);
  if (!Array.isArray(manifests)) return null;
  const own = (manifests as unknown[]).map(fields).find((entry) => {
    const { os, architecture } = fields(entry.platform);
    return os === platform.os && architecture === platform.architecture;
  });
  return typeof own?.digest === "string" ? own.digest : null;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
