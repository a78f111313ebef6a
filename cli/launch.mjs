#!/usr/bin/env node
// Runs one built entry of the product: `node cli/launch.mjs freehold check`, or the cdktf app for cdktf-cli.
import { requireNode } from "./bootstrap/node-version.mjs";

requireNode();
const { installDependencies } = await import("./bootstrap/dependencies.mjs");
const { builtEntry } = await import("./bootstrap/build.mjs");
const [entry = "freehold"] = process.argv.splice(2, 1);
try {
  await installDependencies();
  await import(await builtEntry(entry));
} catch (error) {
  if (error?.name !== "BootstrapError") throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
