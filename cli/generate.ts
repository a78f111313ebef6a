import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { generatedChartFiles } from "../charts/generated-files.ts";
import { errorsReference } from "../config/diagnostics/reference.ts";
import { jsonSchemaText } from "../config/schema/json-schema.ts";
import { stackFileReference } from "../config/schema/reference.ts";
import { catalogReference } from "../decisions/catalog/reference.ts";
import { checkoutRoot } from "./checkout-root.ts";
import { replaceFile } from "./disk.ts";

const root = checkoutRoot(import.meta.url);
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** Every generated file with its text: one source each, and this command the only writer. */
const generated: Readonly<Record<string, string>> = {
  "config/stack.schema.json": jsonSchemaText(),
  "docs/reference/errors.md": errorsReference(),
  "docs/reference/stack-file.md": stackFileReference(),
  ...catalogReference(),
  ...generatedChartFiles(read),
};

const stale = Object.entries(generated).filter(([path, text]) => !existsSync(join(root, path)) || read(path) !== text);
if (process.argv.includes("--check")) {
  for (const [path] of stale) process.stderr.write(`${path} is out of date: run npm run generate and commit it.\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [path, text] of stale) {
    replaceFile(join(root, path), text);
    process.stdout.write(`wrote ${path}\n`);
  }
  if (stale.length === 0) process.stdout.write("All generated files are up to date.\n");
}
