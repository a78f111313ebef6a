import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import type { CommandContext } from "../command.ts";
import { type ProcessResult, runProcess } from "../process.ts";
import { type Descriptor, type Layout, mediaTypes } from "./layout.ts";

/** A package as npm's list has it. */
interface Component {
  /** `name@version`. */
  readonly "bom-ref": string;
}

/** The part of a CycloneDX document that is read here. */
interface PackageList {
  readonly $schema: string;
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly tools: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

const timeoutSeconds = 120;

/**
 * Every package of package-lock.json with hash and licence, by `npm sbom`. The list of a single workspace is not used: it
 * leaves out what the root depends on too. @throws Failure IMG-106
 */
export async function lockedPackages(context: CommandContext): Promise<PackageList> {
  const { root, environment, signal } = context;
  const words = ["sbom", "--sbom-format=cyclonedx", "--package-lock-only"];
  const result = await runProcess("npm", words, { directory: root, environment, signal, timeoutSeconds });
  signal.throwIfAborted();
  const list = result.status === 0 ? parse(result.stdout) : null;
  if (list === null) throw unmade(`npm sbom ended with ${result.status}: ${complaint(result)}`);
  return list;
}

/** The first thing that npm complained of, without the prefix and the full stop. */
function complaint(result: ProcessResult): string {
  const lines = result.stderr.split("\n").map((line) => line.replace(/^npm error\s*/, ""));
  const first = lines.find((line) => line !== "" && !/^code /.test(line)) ?? "it printed nothing";
  return first.replace(/\.$/, "");
}

function parse(text: string): PackageList | null {
  try {
    const list = JSON.parse(text) as Partial<PackageList>;
    return Array.isArray(list.components) && Array.isArray(list.dependencies) ? (list as PackageList) : null;
  } catch {
    return null;
  }
}

/**
 * What is in a service's bundle, as a CycloneDX document: the packages with code in it, and no other. It has no serial
 * number and no time, so that the same input gives the same digest. @throws Failure IMG-106
 */
export function billOf(
  list: PackageList,
  { service, version, packages, base }: { service: string; version: string; packages: readonly string[]; base: string },
): object {
  const known = new Map(list.components.map((component) => [component["bom-ref"], component]));
  const components = packages.map((name) => {
    const component = known.get(name);
    if (component === undefined) throw unmade(`${name} is in the bundle of ${service} and not in package-lock.json`);
    return component;
  });
  const own = `${service}@${version}`;
  const isBundled = (ref: string) => packages.includes(ref);
  return {
    $schema: list.$schema,
    bomFormat: list.bomFormat,
    specVersion: list.specVersion,
    version: 1,
    metadata: {
      tools: list.metadata.tools,
      component: {
        "bom-ref": own,
        type: "application",
        name: service,
        version,
        // Node.js and the system's libraries come with the base, whose publisher lists them.
        properties: [{ name: "freehold:base-image:digest", value: base }],
      },
    },
    components,
    dependencies: [
      { ref: own, dependsOn: packages },
      ...list.dependencies
        .filter(({ ref }) => isBundled(ref))
        .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(isBundled) })),
    ],
  };
}

/**
 * The bill as an artifact that refers to its image: whoever has the image's digest finds it at the registry.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export function billArtifact(bill: Buffer, image: Descriptor, layout: Layout): Descriptor {
  const { platform: _platform, ...subject } = image;
  const config = layout.addJson(mediaTypes.empty, {});
  return layout.addJson(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: mediaTypes.bill,
    config,
    layers: [layout.add(mediaTypes.bill, bill)],
    subject,
  });
}

function unmade(problem: string): Failure {
  return new Failure(finding("IMG-106", { subject: "package-lock.json" }, { problem }));
}
