import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const services = join(root, "services");
const bundles = join(root, ".freehold", "services");

/** Where the bundle of a service lies once `buildServices` has run. */
export const serviceBundle = (name) => join(bundles, `${name}.mjs`);

/** Makes one file of each service, as its image carries it: what tests and benches start is what is shipped. */
export default async function buildServices() {
  await bundleInto(bundles, allServices());
}

function allServices() {
  return readdirSync(services).filter((name) => existsSync(join(services, name, "src", "main.ts")));
}

/** Writes the bundle of each service named, and beside it, as JSON, which packages have code in it. */
async function bundleInto(folder, names) {
  await Promise.all(
    names.map(async (name) => {
      const { metafile } = await build({
        // The bundle names its sources relative to here; left to the caller's folder, its bytes would depend on that.
        absWorkingDir: root,
        entryPoints: [join(services, name, "src", "main.ts")],
        outfile: join(folder, `${name}.mjs`),
        metafile: true,
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
      });
      writeFileSync(join(folder, `${name}.packages.json`), JSON.stringify(packagesIn(metafile)));
    }),
  );
}

/** Packages with at least one byte in the bundle, as `name@version`, sorted. */
function packagesIn({ outputs }) {
  const folders = new Set();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  const packages = [...folders].map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return `${name}@${version}`;
  });
  return [...new Set(packages)].sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const [folder = bundles, ...names] = process.argv.slice(2);
    await bundleInto(folder, names.length === 0 ? allServices() : names);
  } catch (error) {
    // What the sources lack, esbuild has said already.
    if (!Array.isArray(error.errors)) throw error;
    process.exitCode = 1;
  }
}
