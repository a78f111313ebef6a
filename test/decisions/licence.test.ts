// Proves: a model whose licence speaks against its use is warned of, and nothing else is.
import { describe, expect, it } from "vitest";
import { renderFindings } from "../../config/diagnostics/render.ts";
import { load } from "../../config/load.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import { licences } from "../../decisions/catalog/licences.ts";
import { isInEu } from "../../decisions/catalog/territories.ts";
import { checkLicences, type LicenceUse } from "../../decisions/licence.ts";
import { codesOf, stackWith } from "../support/stack-file.ts";

function check(repository: string, use: Partial<LicenceUse> = {}) {
  const text = stackWith(["Qwen/Qwen3-32B", repository], ["environment: trial", "environment: production"]);
  const { config } = load(text);
  if (config === null) throw new Error("The stack file is not sound.");
  const findings = checkLicences(config, catalog, { commercial: true, regions: [], ...use });
  const files = { stack: { name: "config/stack.yaml", text } };
  return { findings, screen: renderFindings(findings, { files, color: false }) };
}

describe("a licence", () => {
  it("that forbids commercial use is shown with its environment", () => {
    expect(check("mistralai/Mistral-Large-Instruct-2407").screen).toMatchInlineSnapshot(`
      "config/stack.yaml:16:36  LIC-101  "chat" serves mistralai/Mistral-Large-Instruct-2407, whose licence (Mistral Research) forbids commercial use.

        15 |     versions:
        16 |       v1: { weights: { repository: mistralai/Mistral-Large-Instruct-2407 } }
           |                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        also config/stack.yaml:3:14  the environment is set here

        Why: The environment "production" counts as commercial. Commercial use needs an agreement with Mistral AI. Source: Mistral AI Research License, section 3.2; mistral.ai/licenses/MRL-0.1.md.
        Fix: Serve another model. If you have an agreement with the licensor, give LIC-101 and name the agreement under \`silence\`.
        More: docs/reference/errors.md#lic-101

      1 warning
      "
    `);
  });

  it("that forbids commercial use is fine for a trial", () => {
    expect(check("mistralai/Mistral-Large-Instruct-2407", { commercial: false }).findings).toEqual([]);
  });

  it("that leaves out the European Union is shown with the regions in it", () => {
    const use = { regions: ["us-east-1", "eu-central-1"] };
    expect(check("meta-llama/Llama-4-Scout-17B-16E-Instruct", use).screen).toMatchInlineSnapshot(`
      "config/stack.yaml:16:36  LIC-102  "chat" serves meta-llama/Llama-4-Scout-17B-16E-Instruct in the European Union, which its licence (Llama 4 Community) leaves out.

        15 |     versions:
        16 |       v1: { weights: { repository: meta-llama/Llama-4-Scout-17B-16E-Instruct } }
           |                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

        Why: The file names eu-central-1. The licence grants no rights in its multimodal models to people living in, or companies with their main place of business in, the European Union. What counts there is the seat of the licensee, which the file does not say. Source: Llama 4 Community License Agreement, sections 1 and 2, and its Acceptable Use Policy; llama.com/license.
        Fix: Serve another model. If the licensee sits elsewhere, or does not use the parts that are left out, give LIC-102 and say so under \`silence\`.
        More: docs/reference/errors.md#lic-102

      1 warning
      "
    `);
  });

  it.each(["us-east-1", "eu-west-2", "switzerlandnorth"])("that leaves out the European Union allows %s", (region) => {
    expect(check("meta-llama/Llama-4-Scout-17B-16E-Instruct", { regions: [region] }).findings).toEqual([]);
  });

  it("that nobody has checked is said so, for commercial use", () => {
    expect(check("zai-org/GLM-5.2").screen).toMatchInlineSnapshot(`
      "config/stack.yaml:16:36  LIC-103  Whether zai-org/GLM-5.2, which "chat" serves, may be used commercially has not been checked (licence: unverified).

        15 |     versions:
        16 |       v1: { weights: { repository: zai-org/GLM-5.2 } }
           |                                    ^^^^^^^^^^^^^^^

        Why: Freehold's catalog has no terms for it, so nothing stands against its use and nothing for it.
        Fix: Read the licence on the model's card. Then give LIC-103 and what you found under \`silence\`, or name the licence under catalog.models if it is one that Freehold knows.
        More: docs/reference/errors.md#lic-103

      1 warning
      "
    `);
    expect(codesOf(check("zai-org/GLM-5.2", { commercial: false }))).toEqual([]);
  });

  it.each(["Qwen/Qwen3-32B", "meta-llama/Llama-3.3-70B-Instruct", "google/gemma-3-27b-it", "acme/unknown"])(
    "of %s allows commercial use in Europe, or nothing is known of the model",
    (repository) => {
      expect(check(repository, { regions: ["eu-central-1"] }).findings).toEqual([]);
    },
  );
});

it("every model's licence is in the table", () => {
  const named = new Set(Object.values(catalog.models).map(({ licence }) => licence));
  expect([...named].filter((licence) => !Object.hasOwn(licences, licence))).toEqual([]);
});

it.each([
  ["eu-central-1", true],
  ["eu-central-2", false],
  ["europe-west4", true],
  ["europe-west6", false],
  ["westeurope", true],
  ["uksouth", false],
  ["us-east-1", false],
])("%s lies in the European Union: %s", (region, expected) => {
  expect(isInEu(region)).toBe(expected);
});
