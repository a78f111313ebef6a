import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const services = fileURLToPath(new URL(".", import.meta.url));
const bundles = fileURLToPath(new URL("../.freehold/services/", import.meta.url));

/** Where the bundle of a service lies once `buildServices` has run. */
export const serviceBundle = (name) => join(bundles, `${name}.mjs`);

/** Makes one file of each service, as its image carries it: what tests and benches start is what is shipped. */
export default async function buildServices() {
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
        // Reads its own files from beside its code.
        external: ["@electric-sql/pglite", "@electric-sql/pglite/*"],
        // Packages in CommonJS call require() for Node's own modules at run time.
        banner: {
          js: 'import { createRequire as freeholdRequire } from "node:module"; const require = freeholdRequire(import.meta.url);',
        },
      }),
    ),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildServices();
