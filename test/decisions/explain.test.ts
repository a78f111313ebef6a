import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { stackFile } from "../../config/schema/index.ts";
import { explain } from "../../decisions/explain.ts";
import { decideFor } from "../support/blueprint.ts";

const defaultStack = stackFile.parse(parse(readFileSync(new URL("../../config/stack.yaml", import.meta.url), "utf8")));

function explained(lock: Parameters<typeof decideFor>[1]): string {
  const { blueprint, findings } = decideFor(defaultStack, lock);
  if (blueprint === null) throw new Error("the default stack has no Blueprint");
  return explain(blueprint, findings);
}

it("explains the default stack as a design note", async () => {
  await expect(explained(null)).toMatchFileSnapshot("explanation.default-stack.md");
});
