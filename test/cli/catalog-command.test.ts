import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listedKinds } from "../../decisions/catalog/listing.ts";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { soundStack } from "../support/stack-file.ts";

let checkout: Checkout;
beforeEach(() => {
  checkout = newCheckout();
  checkout.write("config/stack.yaml", soundStack);
});
afterEach(() => checkout.remove());

const catalog = (line: string) => checkout.freehold(["catalog", ...line.split(" ").filter((word) => word !== "")]);
const own = (facts: string) => checkout.write("own.yaml", `${soundStack}catalog:\n  models:\n    acme/own: ${facts}\n`);

describe("freehold catalog list", () => {
  it("counts what there is of each kind", async () => {
    const { code, stdout } = await catalog("list");
    expect(code).toBe(0);
    for (const kind of listedKinds) expect(stdout).toMatch(new RegExp(`^${kind} +[1-9]\\d*$`, "m"));
  });

  it.each(listedKinds)("lists %s with a date and a source in every row", async (kind) => {
    const { code, stdout } = await catalog(`list ${kind} --json`);
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as Record<string, string>[];
    expect(rows.length).toBeGreaterThan(2);
    for (const row of rows) {
      expect(row["as of"]).toMatch(/^(\d{4}-\d{2}-\d{2}|unknown)$/);
      expect(row.source?.length).toBeGreaterThan(9);
    }
  });

  it("finds rows by a text, whatever its case", async () => {
    const { stdout } = await catalog("list models --search QWEN3-32B");
    expect(stdout).toMatchInlineSnapshot(`
      "repository          parameters  weights   stored as  cache  context  licence     as of       source
      Qwen/Qwen3-32B      32.8B       61.0 GiB  bf16       full   40960    Apache-2.0  2026-08-21  github.com/ai-dynamo/aiconfigurator aic-core/src/aiconfigurator_core/model_configs @095f58a5
      Qwen/Qwen3-32B-AWQ  32.8B       18.3 GiB  int4       full   40960    Apache-2.0  unknown     recipe by the model card on huggingface.co
      Qwen/Qwen3-32B-FP8  32.8B       32.0 GiB  fp8-block  full   40960    Apache-2.0  unknown     recipe by the model card on huggingface.co: FP8 in blocks of 128
      "
    `);
    expect((await catalog("list models --search nobody")).stdout).toBe('No models hold "nobody".\n');
  });

  it("lays the file's own facts over its own", async () => {
    own("{ form: variant, of: Qwen/Qwen3-32B, source: our training run, asOf: 2026-10-01 }");
    const { stdout } = await catalog("list models --search acme --file own.yaml");
    expect(stdout).toContain("acme/own    32.8B       61.0 GiB  bf16");
  });
});

describe("freehold catalog check", () => {
  it("warns of what has no date and of old prices, and passes", async () => {
    const { code, stdout, stderr } = await catalog("check");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(/^catalog\.models {2}CAT-101 {2}\d+ of the models come from sources without a date\.$/m);
    expect(stderr).toMatch(
      /^catalog\.instances {2}CAT-102 {2}\d+ prices of instances are \d+ days old \(2026-\d\d-\d\d\)\.$/m,
    );
    expect(stderr).toMatch(/CAT-104 {2}\d+ instances have GPUs without facts: nvidia-rtx-pro-4500\.$/m);
  });

  it("rejects facts that contradict each other, or come from the future", async () => {
    own("{ form: variant, of: Qwen/Qwen3-32B, source: our training run, asOf: 2126-10-01 }");
    const future = await catalog("check --file own.yaml --json");
    expect(future.code).toBe(1);
    expect(JSON.parse(future.stdout)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: "CAT-103", title: expect.stringContaining("acme/own is dated 2126-10-01") }),
      ]),
    );
    own("{ form: variant, of: Qwen/Qwen3-23B, source: our training run, asOf: 2026-10-01 }");
    const baseless = await catalog("check --file own.yaml");
    expect(baseless.code).toBe(1);
    expect(baseless.stderr).toMatch(/^own\.yaml:\d+:\d+ {2}CAP-122/m);
  });

  it.each([
    ["list nothing", 'there is no list of "nothing"'],
    ["show", 'catalog has the parts list and check, not "show"'],
    ["", 'not ""'],
    ["check models", "catalog has the parts list and check"],
    ["list models --file none.yaml", "RUN-112"],
  ])("rejects %j", async (line, text) => {
    const { code, stderr } = await catalog(line);
    expect(code).toBe(1);
    expect(stderr).toContain(text);
  });
});
