import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toManifests } from "../../stacks/manifests.ts";
import { escapeTemplate, escapeTemplates, unescapeTemplate } from "../../stacks/terraform-text.ts";
import { blueprint, model, release } from "./support/blueprint.ts";
import { stacksOf } from "./support/stacks.ts";

const awkward = [
  "${TfToken[TOKEN.0]}",
  "#{TfToken[TOKEN.0]}",
  "${x}",
  "$${x}",
  "$$${x}",
  "%{ if a }",
  "%%{x",
  "100% of $5 {a}",
  "$",
  "%",
];
/** Short texts of the characters that matter, so that every neighbourhood of them comes up. */
const text = fc.string({ unit: fc.constantFrom("$", "%", "{", "}", "a"), maxLength: 12 });

describe("text in the output", () => {
  it("comes back unchanged", () => {
    fc.assert(fc.property(text, (value) => unescapeTemplate(escapeTemplate(value)) === value));
  });

  it("holds no opening that Terraform would evaluate", () => {
    fc.assert(fc.property(text, (value) => !/(^|[^$])\$\{|(^|[^%])%\{/.test(escapeTemplate(value))));
  });

  it("is escaped in keys as well, at any depth, and only there and in strings", () => {
    expect(escapeTemplates({ "${a}": [1, null, true, { b: "%{c}" }] })).toEqual({
      "$${a}": [1, null, true, { b: "%%{c}" }],
    });
  });

  it.each(awkward)("from the stack file reaches the cluster as written: %s", (value) => {
    const labels = release("chat", "v1", { nodeSelector: { [`pool-${value}`]: value } });
    const [found] = toManifests(stacksOf(blueprint({ models: { chat: model("chat", labels) } })).inference).releases;
    expect(found?.values.nodeSelector).toEqual({ [`pool-${value}`]: value });
  });
});

function hasTerraform(): boolean {
  try {
    execFileSync("terraform", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What Terraform itself makes of an output's value. */
function evaluate(value: unknown): unknown {
  const directory = mkdtempSync(join(tmpdir(), "freehold-escape-"));
  const env = { PATH: process.env.PATH, HOME: directory, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" };
  const terraform = (...words: string[]) =>
    execFileSync("terraform", words, { cwd: directory, env, encoding: "utf8", timeout: 50_000 });
  try {
    writeFileSync(join(directory, "main.tf.json"), JSON.stringify({ output: { text: { value } } }));
    terraform("init", "-input=false", "-no-color");
    terraform("apply", "-auto-approve", "-input=false", "-no-color");
    return JSON.parse(terraform("output", "-json", "text"));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe("Terraform", () => {
  it("evaluates escaped text to the text", ({ skip }) => {
    skip(!hasTerraform(), "terraform is not on PATH");
    const value = { list: awkward, "key ${x}": "value" };
    expect(evaluate(escapeTemplates(value))).toEqual(value);
  });
});
