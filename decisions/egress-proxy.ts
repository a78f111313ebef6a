import type { Lock } from "../config/lock/schema.ts";
import type { Config } from "../config/schema/index.ts";
import type { EgressProxyBlueprint } from "./blueprint.ts";
import { egressProxy } from "./catalog/egress-proxy.ts";
import type { Catalog } from "./catalog/index.ts";
import { decideImage } from "./image.ts";
import { because, decided, policy } from "./reason.ts";
import { decideTolerations } from "./tolerations.ts";

/** What runs as the stack's only way out. */
export function decideEgressProxy(
  { residency }: Pick<Config, "residency">,
  lock: Lock | null,
  catalog: Catalog,
): EgressProxyBlueprint {
  const { image, replicas } = residency?.egress ?? {};
  const asked =
    image === undefined
      ? because(
          "catalog.egressProxy",
          `The file names no image, so it is the one Freehold is tested with, ${egressProxy.image}.`,
        )
      : because("residency.egress.image", `The file asks for ${image}.`);
  return {
    image: decideImage(image ?? egressProxy.image, lock, asked),
    replicas:
      replicas === undefined
        ? decided(2, policy("Two, so that the way out stays open while a node is drained."))
        : decided(replicas, because("residency.egress.replicas", `The file says ${replicas}.`)),
    tolerations: decideTolerations(catalog),
  };
}
