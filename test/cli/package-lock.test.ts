// Proves: every package that this checkout installs is known by its hash, comes from the registry of whoever installs it, and
// runs nothing while it is installed.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly inBundle?: boolean;
}

const { packages } = JSON.parse(read("package-lock.json")) as { packages: Readonly<Record<string, Locked>> };
const installed = Object.entries(packages).filter(
  ([path, { link }]) => path.includes("node_modules/") && link !== true,
);

/** Packages whose script stays unrun: esbuild's only replaces its starter by the program that another package holds. */
const withScript = ["node_modules/esbuild"];

it("names the hash of each package", () => {
  expect(installed.length).toBeGreaterThan(200);
  // What comes inside another package is covered by its hash.
  const unknown = installed.filter(
    ([, { integrity, inBundle }]) => inBundle !== true && !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ""),
  );
  expect(unknown.map(([path]) => path)).toEqual([]);
});

it("names no address: the registry is the installer's own", () => {
  expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  expect(read(".npmrc")).toMatch(/^omit-lockfile-registry-resolved=true$/m);
});

it("lets no package run anything", () => {
  const scripted = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path);
  expect(scripted).toEqual(withScript);
  expect(read(".npmrc")).toMatch(/^ignore-scripts=true$/m);
});
