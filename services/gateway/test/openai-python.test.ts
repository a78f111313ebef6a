// Proves: OpenAI's client for Python works unchanged. Without it (npm test installs it; the interpreter is named by
// FREEHOLD_TEST_PYTHON) the test is skipped and says so.
import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { Door } from "./support/door.ts";

const python = process.env.FREEHOLD_TEST_PYTHON ?? "python3";
const script = fileURLToPath(new URL("openai_client.py", import.meta.url));

it("serves OpenAI's client for Python: streams, tools, structured output, embeddings, typed errors", async ({
  skip,
}) => {
  const hasClient = spawnSync(python, ["-c", "import openai"]).status === 0;
  skip(!hasClient, `${python} has no openai; FREEHOLD_TEST_PYTHON names one that has`);
  const door = await Door.open({ engines: [["--step-ms", "0"]] });
  try {
    const { stdout } = await promisify(execFile)(python, [script, door.url, "test-key-of-acme"]);
    expect(JSON.parse(stdout)).toEqual({
      sameText: true,
      usage: [30, 30],
      tool: '{"city":"Ulm"}',
      parsed: { city: "text", people: 1 },
      embedding: 64,
      models: ["chat"],
      errors: [
        ["NotFoundError", "model_not_found"],
        ["BadRequestError", "field_not_allowed"],
      ],
    });
  } finally {
    await door.close();
  }
});
