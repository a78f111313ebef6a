import type { ConfigPath } from "../../config/diagnostics/finding.ts";
import type { Config } from "../../config/schema/index.ts";
import { gatewayImageOf } from "../gateway/gateway.ts";
import type { VersionContext } from "../version-context.ts";

/** An image that the stack runs, as asked for. */
export interface UsedImage {
  /** What runs it: a release. */
  readonly user: string;
  readonly image: string;
  /** The entry of the file that it belongs to, which exceptions name. */
  readonly subject: ConfigPath;
  /** Whether the file names it, below `subject`. */
  readonly isNamed: boolean;
}

/** Every image that a stack runs. */
export function usedImages(config: Config, contexts: readonly VersionContext[]): readonly UsedImage[] {
  const gateway = gatewayImageOf(config);
  return [
    ...contexts.map((context) => ({
      user: context.release,
      image: imageOf(context),
      subject: ["models", context.modelName, "versions", context.versionName],
      isNamed: context.version.image !== undefined,
    })),
    ...(gateway === null
      ? []
      : [
          {
            user: "the gateway",
            image: gateway,
            subject: ["gateway"],
            isNamed: config.gateway?.image !== undefined,
          },
        ]),
  ];
}

/** The image that a version runs, as asked for. */
export function imageOf({ version, catalog }: VersionContext): string {
  return version.image ?? catalog.engines.vllm.image;
}
