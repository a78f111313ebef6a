import { at, type Finding, finding, type Place } from "../../config/diagnostics/finding.ts";
import { hasEgressProxy } from "../../config/egress.ts";
import { liesBelow } from "../../config/host.ts";
import { parseImageReference } from "../../config/lock/image-reference.ts";
import { modeHere } from "../../config/other-side.ts";
import type { Config, ResidencyConfig } from "../../config/schema/index.ts";
import { agentsImageOf } from "../agents/agents.ts";
import type { Decided } from "../blueprint.ts";
import { egressProxy } from "../catalog/egress-proxy.ts";
import { gatewayImageOf } from "../gateway/gateway.ts";
import { because, decided } from "../reason.ts";
import type { VersionContext } from "../version-context.ts";
import { lifting } from "./exceptions.ts";
import { becauseOfMode, modeOf } from "./mode.ts";

/** An image that something of the stack runs. */
export interface AskedImage {
  readonly image: string;
  /** What runs it, at the beginning of a sentence. */
  readonly what: string;
  readonly place: Place;
  /** Path of the file that an exception for it names. */
  readonly subject: string;
  /** The image that Freehold is tested with in its place; null where it is Freehold's own. */
  readonly tested: string | null;
}

/** `host` or `host/path` that an image may come from; null for any. */
export function decideRegistries(
  residency: ResidencyConfig | undefined,
  images: readonly AskedImage[],
): Decided<readonly string[] | null> {
  const named = residency?.sources?.registries;
  const mode = modeOf(residency);
  if (named === undefined && mode === "none") {
    return decided(null, becauseOfMode(residency, "No residency binds images to a registry."));
  }
  const lifted = images.flatMap(({ image, subject }) => {
    const [exception] = lifting(residency, "public-registry", subject);
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

/** Images from registries that are not allowed, each where it is asked for. */
export function checkRegistries(
  residency: ResidencyConfig | undefined,
  registries: readonly string[] | null,
  images: readonly AskedImage[],
): Finding[] {
  return images.flatMap(({ image, what, place }) => {
    if (mayComeFrom(registries, image)) return [];
    const also =
      residency?.sources?.registries === undefined
        ? [modeHere(modeOf(residency))]
        : [{ path: ["residency", "sources", "registries"], text: "the allowed registries are named here" }];
    const parameters = { release: what, image, mode: modeOf(residency), allowed: registries ?? [] };
    return [finding("RES-204", place, parameters, also)];
  });
}

/** Whether an image may run. What cannot be read comes from nowhere. */
export function mayComeFrom(registries: readonly string[] | null, image: string): boolean {
  if (registries === null) return true;
  const repository = repositoryOf(image);
  return repository !== null && registries.some((registry) => liesBelow(repository, registry));
}

/** Every image that a stack asks for: of its versions, its gateway, its agents and its proxy. */
export function askedImages(config: Config, contexts: readonly VersionContext[]): readonly AskedImage[] {
  const versions = contexts.map((context): AskedImage => {
    const { release, modelName, versionName, version, versionPath } = context;
    const path = ["models", modelName, "versions", versionName];
    return {
      image: imageOf(context),
      what: release,
      place: version.image === undefined ? at(path, "key") : at([...path, "image"]),
      subject: versionPath,
      tested: context.catalog.engines.vllm.image,
    };
  });
  return [...versions, ...gatewayImages(config), ...agentsImages(config), ...proxyImages(config)];
}

function gatewayImages(config: Config): readonly AskedImage[] {
  const image = gatewayImageOf(config);
  if (image === null) return [];
  const place = config.gateway?.image === undefined ? at(["gateway"], "key") : at(["gateway", "image"]);
  return [{ image, what: "The gateway", place, subject: "gateway", tested: null }];
}

function agentsImages(config: Config): readonly AskedImage[] {
  const image = agentsImageOf(config);
  if (image === null) return [];
  const place = config.agents?.image === undefined ? at(["agents"], "key") : at(["agents", "image"]);
  return [{ image, what: "The orchestrator", place, subject: "agents", tested: null }];
}

function proxyImages({ residency }: Config): readonly AskedImage[] {
  if (!hasEgressProxy(residency)) return [];
  const image = residency?.egress?.image;
  return [
    {
      image: image ?? egressProxy.image,
      what: "The egress proxy",
      place: image === undefined ? at(["residency", "mode"]) : at(["residency", "egress", "image"]),
      subject: "residency.egress",
      tested: egressProxy.image,
    },
  ];
}

/** The image that a version runs, as asked for. */
function imageOf({ version, catalog }: VersionContext): string {
  return version.image ?? catalog.engines.vllm.image;
}

/** `registry/repository` of an image. */
function repositoryOf(image: string): string | null {
  const { reference } = parseImageReference(image);
  return reference === null ? null : `${reference.registry}/${reference.repository}`;
}
