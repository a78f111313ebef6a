import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where the bundle of a service lies after the setup of the `services` project has run. */
export function serviceBundle(name: string): string {
  return join(root, ".freehold", "services", `${name}.mjs`);
}

/** Bundles each service as its image does, so that tests start what is shipped. */
export default async function setup(): Promise<void> {
  const services = join(root, "services");
  const names = readdirSync(services).filter((name) => existsSync(join(services, name, "src", "main.ts")));
  await Promise.all(
    names.map((name) =>
      build({
        entryPoints: [join(services, name, "src", "main.ts")],
        outfile: serviceBundle(name),
        bundle: true,
        format: "esm",
        platform: "node",
        target: "node20.9",
        logLevel: "error",
        banner: {
          js: 'import { createRequire as freeholdRequire } from "node:module"; const require = freeholdRequire(import.meta.url);',
        },
      }),
    ),
  );
}
