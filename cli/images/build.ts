import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { nearest } from "../../config/diagnostics/nearest.ts";
import { imageBytes, platformManifest } from "../../config/lock/image-bytes.ts";
import type { CommandContext } from "../command.ts";
import { lastLines, runProcess } from "../process.ts";
import { assemble } from "./assemble.ts";
import { type BaseImage, baseReference, pullBase } from "./base-image.ts";
import { billArtifact, billOf, lockedPackages } from "./bill.ts";
import type { Crane } from "./crane.ts";
import { parseDockerfile, type Recipe } from "./dockerfile.ts";
import { layerOf } from "./layer.ts";
import { type Descriptor, Layout, readBlob } from "./layout.ts";

/** A service that an image is made of. */
export interface ServiceImage {
  readonly service: string;
  /** Version in its package.json, which becomes the tag. */
  readonly version: string;
  readonly recipe: Recipe;
}

/** An image on this disk, ready to be pushed. */
export interface BuiltImage extends ServiceImage {
  /** Its manifest, or its index where the base has one. */
  readonly image: Descriptor;
  readonly layout: Layout;
  /** The artifact that carries its bill of materials. */
  readonly bill: Descriptor;
  readonly billLayout: Layout;
  /** Packages in it. */
  readonly packages: number;
  /** What it takes to carry it, as its manifest says; null where that is for other platforms than GPU nodes'. */
  readonly bytes: number | null;
}

const bundleTimeoutSeconds = 300;

/** The services with an image, or those of them that are named. @throws Failure IMG-101, IMG-102 */
export function serviceImages(root: string, named: readonly string[]): readonly ServiceImage[] {
  const folder = join(root, "services");
  const known = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "Dockerfile")))
    .sort();
  const unknown = named.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const parameters = { service: unknown, nearest: nearest(unknown, known), known };
    throw new Failure(finding("IMG-101", { subject: "freehold images" }, parameters));
  }
  return known
    .filter((service) => named.length === 0 || named.includes(service))
    .map((service) => {
      const { version } = JSON.parse(readFileSync(join(folder, service, "package.json"), "utf8")) as {
        version: string;
      };
      const dockerfile = `services/${service}/Dockerfile`;
      return { service, version, recipe: parseDockerfile(readFileSync(join(root, dockerfile), "utf8"), dockerfile) };
    });
}

export interface BuildOptions {
  readonly context: CommandContext;
  readonly crane: Crane;
  /** Reference of the base image in the place of the one in the Dockerfiles. */
  readonly base: string | undefined;
  /** A folder that gets `<service>/`, `<service>.bill/` and `<service>.cdx.json`. */
  readonly out: string;
  /** Folder in which base images are kept from run to run. */
  readonly store: string;
  /** A folder for the time of this command. */
  readonly workshop: string;
}

/** Makes the images on this disk and pushes nothing. @throws Failure IMG-1xx, IMG-201 to IMG-206 */
export async function buildImages(services: readonly ServiceImage[], options: BuildOptions): Promise<BuiltImage[]> {
  const { context, out, store, workshop } = options;
  const { crane } = options;
  // The base comes first: it is what a user can get wrong, and the quickest to ask for.
  const references = services.map(({ service, recipe }) =>
    options.base === undefined
      ? baseReference(recipe.base, `services/${service}/Dockerfile`)
      : baseReference(options.base, "--base"),
  );
  mkdirSync(out, { recursive: true });
  mkdirSync(store, { recursive: true });
  const bases: BaseImage[] = [];
  for (const reference of references) {
    bases.push(await pullBase(reference, { crane, store, environment: context.environment }));
  }
  const bundles = join(workshop, "bundles");
  await bundleServices(
    context,
    bundles,
    services.map(({ service }) => service),
  );
  const list = await lockedPackages(context);

  return services.map((each, index) => {
    const { service, version, recipe } = each;
    const base = bases[index];
    if (base === undefined) throw new TypeError(`${service} has no base`);
    const layer = layerOf(
      recipe.copies.map(({ from, to, mode }) => ({ path: to, mode, content: readFileSync(join(bundles, from)) })),
    );
    const packages = JSON.parse(readFileSync(join(bundles, `${service}.packages.json`), "utf8")) as string[];

    const layout = new Layout(join(out, service));
    const image = assemble(base, { recipe, service, version, layer }, layout);
    layout.finish(image);
    const bill = Buffer.from(
      `${JSON.stringify(billOf(list, { service, version, packages, base: base.digest }), null, 2)}\n`,
    );
    writeFileSync(join(out, `${service}.cdx.json`), bill);
    const billLayout = new Layout(join(out, `${service}.bill`));
    const artifact = billArtifact(bill, image, billLayout);
    billLayout.finish(artifact);
    const bytes = bytesOf(layout, image);
    return { ...each, image, layout, bill: artifact, billLayout, packages: packages.length, bytes };
  });
}

function bytesOf({ folder }: Layout, { digest }: Descriptor): number | null {
  const read = (blob: string): unknown => JSON.parse(readBlob(folder, blob).toString("utf8"));
  const manifest = read(digest);
  const own = platformManifest(manifest);
  return imageBytes(own === null ? manifest : read(own));
}

async function bundleServices(
  { root, environment, signal }: CommandContext,
  folder: string,
  services: readonly string[],
): Promise<void> {
  // The script compares its own real path with the one it was started by.
  const script = realpathSync(join(root, "services", "build.mjs"));
  const words = [script, folder, ...services];
  const result = await runProcess(process.execPath, words, {
    environment,
    signal,
    timeoutSeconds: bundleTimeoutSeconds,
  });
  signal.throwIfAborted();
  if (result.status !== 0) {
    throw new Failure(finding("IMG-105", { subject: "services" }, { problem: lastLines(result, 8) }));
  }
}
