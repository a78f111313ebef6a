import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CraneRegistry } from "./crane.ts";

const platform = `linux/${process.arch === "arm64" ? "arm64" : "amd64"}`;

/** Pushes a base image of one small file, for what does not run it. Tells its reference with the digest. */
export async function smallBase(registry: CraneRegistry, directory: string, name: string): Promise<string> {
  const folder = join(directory, name);
  mkdirSync(join(folder, "etc"), { recursive: true });
  writeFileSync(join(folder, "etc", "name"), name);
  return pushTree(registry, folder, `${registry.host}/bases/${name}:1`);
}

/** Pushes an index of small base images, for the platforms given. */
export async function smallIndex(
  registry: CraneRegistry,
  directory: string,
  name: string,
  platforms: readonly string[],
): Promise<string> {
  const members: string[] = [];
  for (const [index, member] of platforms.entries()) {
    const reference = await smallBase(registry, directory, `${name}-${index}`);
    const tag = `${registry.host}/bases/${name}:${index}`;
    await registry.run("mutate", "--set-platform", member, reference, "--tag", tag);
    members.push(tag);
  }
  const tag = `${registry.host}/bases/${name}:all`;
  await registry.run("index", "append", ...members.flatMap((member) => ["--manifest", member]), "--tag", tag);
  return `${registry.host}/bases/${name}@${await registry.digest(tag)}`;
}

/** Pushes what a distroless image of Node.js has that matters here: this machine's Node.js at its path, and its libraries. */
export async function nodeBase(registry: CraneRegistry, directory: string): Promise<string> {
  const folder = join(directory, "node-base");
  const libraries = execFileSync("ldd", [realpathSync(process.execPath)], { encoding: "utf8" }).match(/\/\S+/g) ?? [];
  for (const [from, to] of [[process.execPath, "/nodejs/bin/node"], ...libraries.map((path) => [path, path])]) {
    if (from === undefined || to === undefined) continue;
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    copyFileSync(realpathSync(from), join(folder, to));
  }
  return pushTree(registry, folder, `${registry.host}/bases/node:1`);
}

async function pushTree(registry: CraneRegistry, folder: string, tag: string): Promise<string> {
  const layer = `${folder}.tar`;
  execFileSync("tar", ["-C", folder, "--owner=0", "--group=0", "--numeric-owner", "--mode=a-w", "-cf", layer, "."]);
  await registry.run("append", "--oci-empty-base", "--new_layer", layer, "--new_tag", tag);
  await registry.run("mutate", "--set-platform", platform, tag, "--tag", tag);
  return `${tag.replace(/:[^:/]+$/, "")}@${await registry.digest(tag)}`;
}
