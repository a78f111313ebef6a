import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SynthesizedStack, TerraformJson } from "./build.ts";

/**
 * The stacks that lie in an output folder, read back from the files that Terraform will read. Whatever stands between a
 * construct and its file, switches of cdktf included, cannot keep a guard from seeing what is in there.
 */
export function readWrittenStacks(outputDirectory: string): readonly SynthesizedStack[] {
  const folder = join(outputDirectory, "stacks");
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name, "cdk.tf.json");
      if (!existsSync(path)) return [];
      return [{ name, dependencies: [], json: JSON.parse(readFileSync(path, "utf8")) as TerraformJson }];
    });
}
