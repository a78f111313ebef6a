import { at, finding } from "../../config/diagnostics/finding.ts";
import { type Guard, type Resource, runsImage } from "./guard.ts";

const byDigest = /@sha256:[0-9a-f]{64}$/;

/** GRD-102: off the local target, what runs is what was reviewed. */
export const imageDigest: Guard = ({ releases, containers }, { target }) => {
  if (target === "local") return [];
  const images: readonly (readonly [Resource, unknown])[] = [
    ...releases.filter(runsImage).map((release) => [release, release.values.image] as const),
    ...containers.map(({ resource, body }) => [resource, body.image] as const),
  ];
  return images
    .filter(([, image]) => typeof image !== "string" || !byDigest.test(image))
    .map(([resource, image]) =>
      finding("GRD-102", at(resource.configPath), { resource: resource.label, image: String(image), target }),
    );
};
