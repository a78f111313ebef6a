import { at, type Finding, finding } from "../../config/diagnostics/finding.ts";
import { liesBelow } from "../../config/host.ts";
import { parseImageReference } from "../../config/lock/image-reference.ts";
import { contains, isPrivate, metadataAddresses, parseNetwork } from "../../config/network.ts";
import type { ResidencyConfig } from "../../config/schema/index.ts";
import type { Decided, Reason } from "../blueprint.ts";
import { because, decided, policy } from "../reason.ts";
import { lifting } from "./exceptions.ts";
import type { NetworkFact } from "./facts.ts";
import type { UsedImage } from "./images.ts";
import { becauseOfMode, isAtLeast, modeOf } from "./mode.ts";

/** Where weights come from when the file names no hub. Under `region-bound` an exception has to allow it. */
const publicHub = "huggingface.co";

/** `host` or `host/path` that an image may come from; null for any. */
export function decideRegistries(
  residency: ResidencyConfig | undefined,
  images: readonly UsedImage[],
): Decided<readonly string[] | null> {
  const named = residency?.sources?.registries;
  const mode = modeOf(residency);
  if (named === undefined && mode === "none") {
    return decided(null, becauseOfMode(residency, "No residency binds images to a registry."));
  }
  const lifted = images.flatMap(({ image, subject }) => {
    const [exception] = lifting(residency, "public-registry", subject.join("."));
    const repository = repositoryOf(image);
    return exception === undefined || repository === null ? [] : [{ exception, repository }];
  });
  const allowed = [...new Set([...(named ?? []), ...lifted.map(({ repository }) => repository)])].sort();
  const first =
    named === undefined
      ? becauseOfMode(residency, `Under ${mode} images come from named registries, and none is named.`)
      : because("residency.sources.registries", `The file names ${named.join(", ")}.`);
  const more = lifted.map(({ exception, repository }) =>
    because(
      `residency.exceptions.${exception.name}`,
      `${repository} is allowed until ${exception.until}: ${exception.reason}`,
    ),
  );
  return decided(allowed, first, ...more);
}

/** Images from registries that are not allowed, once for each that runs them. */
export function checkRegistries(
  residency: ResidencyConfig | undefined,
  registries: readonly string[] | null,
  images: readonly UsedImage[],
): Finding[] {
  return images.flatMap(({ user: release, image, subject, isNamed }) => {
    if (mayComeFrom(registries, image)) return [];
    const place = isNamed ? at([...subject, "image"]) : at(subject, "key");
    const also =
      residency?.sources?.registries === undefined
        ? [{ path: ["residency", "mode"], text: `the mode is set here: ${modeOf(residency)}` }]
        : [{ path: ["residency", "sources", "registries"], text: "the allowed registries are named here" }];
    const parameters = { release, image, mode: modeOf(residency), allowed: registries ?? [] };
    return [finding("RES-204", place, parameters, also)];
  });
}

/** Whether an image may run. What cannot be read comes from nowhere. */
export function mayComeFrom(registries: readonly string[] | null, image: string): boolean {
  if (registries === null) return true;
  const repository = repositoryOf(image);
  return repository !== null && registries.some((registry) => liesBelow(repository, registry));
}

/** `registry/repository` of an image. */
function repositoryOf(image: string): string | null {
  const { reference } = parseImageReference(image);
  return reference === null ? null : `${reference.registry}/${reference.repository}`;
}

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

/** Addresses that pods which fetch weights may reach. */
export function decideNetworks(residency: ResidencyConfig | undefined): Decided<readonly NetworkFact[]> {
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
export function checkHub(
  residency: ResidencyConfig | undefined,
  hub: string | null,
  networks: readonly NetworkFact[],
): Finding[] {
  const mode = modeOf(residency);
  if (!isAtLeast(mode, "region-bound")) return [];
  const place = at(["residency", "mode"]);
  if (hub === null) return [finding("RES-205", place, { mode })];
  return networks.length === 0 ? [finding("RES-206", place, { mode, hub })] : [];
}
