import { at, type ConfigPath, type Finding, finding } from "../diagnostics/finding.ts";
import { hasEgressProxy } from "../egress.ts";
import type { Config } from "../schema/index.ts";
import { imageKey, type ParsedReference, parseChartReference, parseImageReference } from "./image-reference.ts";

/** What Freehold fills in where the stack file names no image. */
export interface LockDefaults {
  /** Image of the release that an engine is tested with. */
  image(engine: string): string;
  /** Image of the proxy that is the stack's only way out. */
  readonly egressProxy: string;
}

/** A model reference that needs a commit. */
export interface WeightsReference {
  /** Key in the lock: `repository@revision`. */
  readonly key: string;
  readonly repository: string;
  readonly revision: string;
}

/** Everything a stack file needs locked. Keys are the lock's own, sorted, each once. */
export interface References {
  readonly images: readonly string[];
  readonly weights: readonly WeightsReference[];
  readonly charts: readonly string[];
  /** Where the stack file first asks for a key; a chart has no such place. */
  readonly places: ReadonlyMap<string, ConfigPath>;
  /** References that cannot be locked as they are written. */
  readonly findings: readonly Finding[];
}

/** What a stack file needs locked, under the keys that the lock uses. `charts` are third-party charts as `oci://…:version`. */
export function references(config: Config, defaults: LockDefaults, charts: readonly string[] = []): References {
  const images = new Set<string>();
  const weights = new Map<string, WeightsReference>();
  const places = new Map<string, ConfigPath>();
  const findings: Finding[] = [];
  const wantImage = (written: string, path: ConfigPath) => {
    const key = keyOrFinding(written, parseImageReference(written), path, findings);
    if (key === null) return;
    images.add(key);
    if (!places.has(key)) places.set(key, path);
  };

  for (const [name, model] of Object.entries(config.models)) {
    for (const [version, { image, weights: wanted }] of Object.entries(model.versions)) {
      const base = ["models", name, "versions", version];
      const imagePath: ConfigPath = image === undefined ? ["models", name, "engine"] : [...base, "image"];
      const written = image ?? defaults.image(model.engine);
      wantImage(written, imagePath);
      const { repository, revision } = wanted;
      const weightsReference = { key: weightsKey(repository, revision), repository, revision };
      weights.set(weightsReference.key, weightsReference);
      if (!places.has(weightsReference.key)) {
        places.set(weightsReference.key, [...base, "weights", "repository"]);
      }
    }
  }
  // Left out, it stands for no image that a registry has.
  if (config.gateway?.image !== undefined) wantImage(config.gateway.image, ["gateway", "image"]);
  if (config.agents?.image !== undefined) wantImage(config.agents.image, ["agents", "image"]);
  if (hasEgressProxy(config.residency)) {
    const image = config.residency?.egress?.image;
    const path: ConfigPath = image === undefined ? ["residency", "mode"] : ["residency", "egress", "image"];
    wantImage(image ?? defaults.egressProxy, path);
  }
  const chartKeys = charts.filter((chart) => keyOrFinding(chart, parseChartReference(chart), null, findings) !== null);

  return {
    images: [...images].sort(),
    weights: [...weights.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
    charts: [...new Set(chartKeys)].sort(),
    places,
    findings,
  };
}

/** The lock's key for the weights of one version. */
export function weightsKey(repository: string, revision: string): string {
  return `${repository}@${revision}`;
}

function keyOrFinding(
  text: string,
  { reference, problem }: ParsedReference,
  path: ConfigPath | null,
  findings: Finding[],
): string | null {
  if (reference !== null) return imageKey(reference);
  const place = path === null ? { subject: text } : at(path);
  if (problem.kind === "unreadable") findings.push(finding("LCK-211", place, { text, detail: problem.detail }));
  else if (problem.kind === "unversioned") findings.push(finding("LCK-212", place, { text }));
  else findings.push(finding("LCK-213", place, { text }));
  return null;
}
