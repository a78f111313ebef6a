import type { Config, ModelConfig, NodePoolConfig } from "../config/schema/index.ts";
import { type Catalog, lookUp } from "./catalog/index.ts";
import { sortedEntries } from "./figures.ts";

type VersionConfig = ModelConfig["versions"][string];

/** One model version with everything of the file that concerns it. */
export interface VersionContext {
  /** `<model>-<version>`. */
  readonly release: string;
  readonly modelName: string;
  readonly model: ModelConfig;
  readonly versionName: string;
  readonly version: VersionConfig;
  readonly poolName: string;
  readonly pool: NodePoolConfig;
  /** `models.<model>`, for reasons. */
  readonly modelPath: string;
  /** `models.<model>.versions.<version>`, for reasons. */
  readonly versionPath: string;
  readonly catalog: Catalog;
}

/** Every version of every model whose node pool exists, by model and version name. A missing pool is a finding of the file's own checks. */
export function versionContexts(config: Config, catalog: Catalog): VersionContext[] {
  return sortedEntries(config.models).flatMap(([modelName, model]) => {
    const pool = lookUp(config.nodePools, model.nodePool);
    if (pool === null) return [];
    return sortedEntries(model.versions).map(([versionName, version]) => ({
      release: `${modelName}-${versionName}`,
      modelName,
      model,
      versionName,
      version,
      poolName: model.nodePool,
      pool,
      modelPath: `models.${modelName}`,
      versionPath: `models.${modelName}.versions.${versionName}`,
      catalog,
    }));
  });
}
