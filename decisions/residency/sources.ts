import { at, type Finding, finding } from "../../config/diagnostics/finding.ts";
import { hasEgressProxy } from "../../config/egress.ts";
import { contains, isPrivate, metadataAddresses, parseNetwork } from "../../config/network.ts";
import type { Config, ResidencyConfig } from "../../config/schema/index.ts";
import type { Decided, Reason } from "../blueprint.ts";
import { because, decided, policy } from "../reason.ts";
import { lifting } from "./exceptions.ts";
import type { NetworkFact } from "./facts.ts";
import { becauseOfMode, isAtLeast, modeOf } from "./mode.ts";

/** Where weights come from when the file names no hub. Under `region-bound` an exception has to allow it. */
const publicHub = "huggingface.co";

/** Host that weights may be fetched from; null for none. */
export function decideHub(residency: ResidencyConfig | undefined): Decided<string | null> {
  const named = residency?.sources?.hub;
  if (named !== undefined) return decided(named, because("residency.sources.hub", `The file names ${named}.`));
  const mode = modeOf(residency);
  if (mode === "none") {
    return decided(publicHub, becauseOfMode(residency, `No residency names a hub, so weights come from ${publicHub}.`));
  }
  const [exception] = lifting(residency, "public-hub", "models");
  return exception === undefined
    ? decided(null, becauseOfMode(residency, `Under ${mode} weights come from a hub that is named, and none is.`))
    : decided(
        publicHub,
        because(
          `residency.exceptions.${exception.name}`,
          `${publicHub} is allowed until ${exception.until}: ${exception.reason}`,
        ),
      );
}

/** Whether the cluster's network plugin lets the proxy out by name, for want of addresses. */
export function hasRulesByName({ cluster, residency }: Config): boolean {
  return cluster.target === "existing" && cluster.existing.cni === "cilium" && hasEgressProxy(residency);
}

/** Addresses outside that may be reached; with rules by name none need be known. */
export function decideNetworks(
  residency: ResidencyConfig | undefined,
  byName: boolean,
): Decided<readonly NetworkFact[]> {
  const named = residency?.sources?.networks;
  const mode = modeOf(residency);
  const metadata = policy("Addresses where clouds hand out the node's credentials are left out everywhere.");
  if (named !== undefined) {
    const inside = named.filter((cidr) => mode !== "air-gapped" || isPrivateText(cidr));
    return decided(
      inside.map(networkFact),
      because("residency.sources.networks", `The file names ${named.join(", ")}.`),
      metadata,
    );
  }
  if (byName) {
    return decided([], because("cluster.existing.cni", "No networks are named, and its rules know hosts by name."));
  }
  const [exception] = lifting(residency, "public-hub", "models");
  const reason: Reason | null =
    mode === "none"
      ? becauseOfMode(residency, "No residency binds the hub to a network.")
      : exception === undefined
        ? null
        : because(
            `residency.exceptions.${exception.name}`,
            `${publicHub} has no fixed addresses, so until ${exception.until} any is allowed: ${exception.reason}`,
          );
  return reason === null
    ? decided([], becauseOfMode(residency, `Under ${mode} the hub's networks are named, and none is.`))
    : decided(["0.0.0.0/0", "::/0"].map(networkFact), reason, metadata);
}

function isPrivateText(cidr: string): boolean {
  const network = parseNetwork(cidr);
  return network !== null && isPrivate(network);
}

/** A network without the metadata addresses in it. */
function networkFact(cidr: string): NetworkFact {
  const outer = parseNetwork(cidr);
  const except = metadataAddresses.filter((address) => {
    const inner = parseNetwork(address);
    return outer !== null && inner !== null && contains(outer, inner);
  });
  return { cidr, except };
}

/** A hub, and where it stands, have to be known from `region-bound` up. */
export function checkHub(residency: ResidencyConfig | undefined, hub: string | null, isPlaced: boolean): Finding[] {
  const mode = modeOf(residency);
  if (!isAtLeast(mode, "region-bound")) return [];
  const place = at(["residency", "mode"]);
  if (hub === null) return [finding("RES-205", place, { mode })];
  return isPlaced ? [] : [finding("RES-206", place, { mode, hub })];
}
