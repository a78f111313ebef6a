import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BootstrapError, root } from "./checkout.mjs";

const outputDirectory = join(root, "dist");
const stampPath = join(outputDirectory, "stamp");
const sourceFolders = ["bench/capacity", "charts", "cli", "config", "decisions", "local-cluster", "report", "stacks"];

/** Entry points by the name they get in `dist/`. */
const entries = {
  freehold: "cli/main.ts",
  "cdktf-app": "stacks/main.ts",
  generate: "cli/generate.ts",
  "bench-capacity": "bench/capacity/main.ts",
};

function listSources(folder, found) {
  for (const item of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${item.name}`;
    if (item.isDirectory()) listSources(path, found);
    else if (/\.(ts|mjs|json|py)$/.test(item.name)) found.push(path);
  }
  return found;
}

// Names, sizes and times instead of contents: this runs before every command and must cost milliseconds.
function wantedStamp() {
  const hash = createHash("sha256");
  for (const path of [
    "package-lock.json",
    ...sourceFolders.flatMap((folder) => (existsSync(join(root, folder)) ? listSources(folder, []) : [])),
  ].sort()) {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function readStamp() {
  try {
    return readFileSync(stampPath, "utf8");
  } catch {
    return "";
  }
}

/**
 * URL of a built entry; builds first when a source has changed. A bundle starts in a third of the time that
 * transpiling on the fly takes, and commands load only their own part.
 */
export async function builtEntry(name) {
  const wanted = wantedStamp();
  if (readStamp() !== wanted) await build(wanted);
  return pathToFileURL(join(outputDirectory, `${name}.mjs`)).href;
}

/** cdktf loads its zip writer with everything else; nothing here makes zip archives, and it is a quarter of the bundle. */
const withoutArchiver = {
  name: "without-archiver",
  setup(build) {
    build.onResolve({ filter: /^archiver$/ }, ({ path }) => ({ path, namespace: "without-archiver" }));
    build.onLoad({ filter: /.*/, namespace: "without-archiver" }, () => ({
      contents: 'module.exports = () => { throw new Error("This bundle carries no archiver."); };',
    }));
  },
};

async function build(stamp) {
  const temporary = join(root, `.freehold/build-${process.pid}`);
  try {
    mkdirSync(temporary, { recursive: true });
    const { build: bundle } = await import("esbuild");
    await bundle({
      absWorkingDir: root,
      entryPoints: Object.fromEntries(Object.entries(entries).filter(([, source]) => existsSync(join(root, source)))),
      outdir: temporary,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20.9",
      chunkNames: "chunks/[name]-[hash]",
      loader: { ".py": "text" },
      plugins: [withoutArchiver],
      // What is wrong is in the error that it throws.
      logLevel: "silent",
      minifyWhitespace: true,
      minifySyntax: true,
      // cdktf is CommonJS and calls require() for Node's own modules at run time.
      banner: {
        js: 'import { createRequire as freeholdRequire } from "node:module"; const require = freeholdRequire(import.meta.url);',
      },
    });
    writeFileSync(join(temporary, "stamp"), stamp);
    const previous = `${temporary}-previous`;
    if (existsSync(outputDirectory)) renameSync(outputDirectory, previous);
    renameSync(temporary, outputDirectory);
    rmSync(previous, { recursive: true, force: true });
  } catch (error) {
    throw diskFailure(error) ?? error;
  } finally {
    discard(temporary);
  }
}

/** Removes what is left of an attempt; what forbids it has forbidden the attempt as well, and that error is the one to tell. */
function discard(path) {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Below a file, or on a disk that has gone.
  }
}

/** What the disk refused, in the texts of RUN-113; null for any other error. esbuild passes on only the words. */
function diskFailure(error) {
  const message = String(error?.message);
  const words = /no space left on device|read-only file system|permission denied|disk quota exceeded/i.exec(message);
  const problem = error?.syscall === undefined ? words?.[0] : /^[A-Z0-9]+: ([^,]*)/.exec(message)?.[1];
  if (problem === undefined) return null;
  return new BootstrapError(
    "dist  RUN-113  The file dist cannot be written.\n\n" +
      `  Why: The system says: ${problem.toLowerCase()}. What was there before is unchanged.\n` +
      "  Fix: Make room or allow writing there, and run the command again.\n" +
      "  More: docs/reference/errors.md#run-113",
  );
}
