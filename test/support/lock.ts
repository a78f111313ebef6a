import type { Lock } from "../../config/lock/schema.ts";
import { type Config, stackFile } from "../../config/schema/index.ts";

/** A stack of one model version for each pair of image and weights; what a test does not name is filled in. */
export function stackOf(
  versions: Readonly<Record<string, { image?: string; repository?: string; revision?: string; tokenSecret?: string }>>,
): Config {
  return stackFile.parse({
    apiVersion: "freehold/v1alpha1",
    name: "demo",
    environment: "test",
    state: { backend: "local" },
    cluster: { target: "local" },
    nodePools: { gpu: { accelerator: "nvidia-h100-sxm", gpusPerNode: 8, nodes: { min: 1, max: 1 } } },
    models: {
      chat: {
        engine: "vllm",
        nodePool: "gpu",
        maxModelLen: 4096,
        tensorParallelSize: 1,
        replicas: 1,
        versions: Object.fromEntries(
          Object.entries(versions).map(
            ([version, { image, repository = "acme/chat", revision = "main", tokenSecret }]) => [
              version,
              {
                weights: { repository, revision, ...(tokenSecret === undefined ? {} : { tokenSecret }) },
                ...(image === undefined ? {} : { image }),
              },
            ],
          ),
        ),
        traffic: { [Object.keys(versions)[0] ?? "v1"]: 100 },
      },
    },
  });
}

/** A lock of the stack that `stackOf` makes. */
export function lockOf(parts: Partial<Lock> = {}): Lock {
  return { lockVersion: 1, stack: "demo/test", images: {}, weights: {}, charts: {}, ...parts };
}

/** A digest-shaped text that is told apart by one digit. */
export function digestOf(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}
