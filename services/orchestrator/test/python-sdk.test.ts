import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { embeddedStorage } from "./support/embedded.ts";
import { startModelServer } from "./support/model-server.ts";
import { startReplica, supportAgent } from "./support/service.ts";

const python = process.env.FREEHOLD_TEST_PYTHON ?? join(process.cwd(), ".freehold", "test-python", "bin", "python3");

test("the Python SDK, unchanged: streams in several modes, waits, joins, resumes an approval, reads history, plans crons, keeps items", async ({
  skip,
}) => {
  skip(!existsSync(python), "the tests' Python environment is not installed; npm test makes it where python3 is");
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-python-"));
  const model = await startModelServer(({ body }) => {
    const last = body.messages.at(-1);
    if (last?.role === "tool") return { text: ["Done"] };
    return last?.content === "refund"
      ? { calls: [{ id: "call-1", name: "refund", args: { order: "7" } }] }
      : { text: ["Hello", ", ", "world"] };
  });
  const service = await startReplica({
    storage: await embeddedStorage(join(folder, "data")),
    agents: { support: supportAgent(model, { approval: true }) },
  });
  try {
    const { stdout } = await promisify(execFile)(python, [join(import.meta.dirname, "sdk.py"), service.url]);
    expect(JSON.parse(stdout)).toEqual({
      first: "metadata",
      kinds: ["messages", "metadata", "updates"],
      told: ["on_chain_start", true, "on_chain_end"],
      contents: ["hi", "Hello, world"],
      history: 6,
      interrupt: "approve_tool_call",
      resumed: "Done",
      joined: 4,
      rejoined: "metadata",
      found: 1,
      assistants: ["support"],
      crons: true,
      cron_end: "2099-01-01T00:00:00.000Z",
      store: [
        { name: "Ada" },
        [
          ["users", "1"],
          ["users", "2"],
        ],
        ["profile"],
        null,
      ],
      versions: [["Zora", "Zoe"], "Zoe", 2, ["messages"], "__start__", {}],
      cancelled: ["interrupted", "idle"],
      status: "success",
    });
    expect(model.toolCalls).toEqual([{ order: "7" }]);
  } finally {
    await service.stop();
    await model.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
