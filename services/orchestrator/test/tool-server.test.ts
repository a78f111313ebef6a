// Proves: tools of MCP servers, as real processes, are called as the settings allow, whatever server and documents say.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { Service } from "../src/service.ts";
import { settingsSchema } from "../src/settings.ts";
import { toolFields } from "../src/tools/settings.ts";
import { onBothDatabases } from "./support/databases.ts";
import { startModelServer } from "./support/model-server.ts";
import { startReplica } from "./support/service.ts";
import { startToolServer, type ToolServer } from "./support/tool-server.ts";

interface Values {
  messages: { type: string; content: string }[];
  __interrupt__?: { value: { kind: string; tool: string; key: string } }[];
}

onBothDatabases("tool servers", (given) => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-mcp-"));
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let server: ToolServer;
  let service: Service;
  let client: Client;
  beforeAll(async () => {
    // The question names the tool: "<tool> <order>"; what comes back is passed on.
    model = await startModelServer(({ body }) => {
      const last = body.messages.at(-1);
      if (last?.role === "tool") return { text: [last.content] };
      const [name = "", order = ""] = (last?.content ?? "").split(" ");
      return { calls: [{ id: "call-1", name, args: { order } }] };
    });
    server = await startToolServer();
    service = await startReplica({
      storage: given().storage,
      agents: {
        support: {
          graph: "support",
          settings: {
            model: { url: model.url, model: "chat", dataClass: "customer" },
            toolServers: {
              shop: {
                url: server.url,
                timeoutSeconds: 1,
                maxResultBytes: 100_000,
                tools: {
                  echo: { policy: "readOnly" },
                  fails: { policy: "readOnly" },
                  slow: { policy: "readOnly" },
                  huge: { policy: "once" },
                  large: { policy: "readOnly" },
                  crash: { policy: "once" },
                  pay: { policy: "reconcile", reconcile: "find_payment", approval: false },
                  missing: { policy: "readOnly" },
                },
              },
              gone: { url: "http://127.0.0.1:9/mcp", tools: { echo: { policy: "once" } } },
            },
          },
        },
      },
    });
    client = new Client({ apiUrl: service.url, callerOptions: { maxRetries: 0 } });
  });
  afterAll(async () => {
    await service?.stop();
    await server?.stop();
    await model?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = async (content: string, threadId: string | null = null) =>
    (await client.runs.wait(threadId as string, "support", {
      input: { messages: [{ role: "human", content }] },
    })) as unknown as Values;
  const answerTo = async (content: string) => (await ask(content)).messages.at(-1)?.content;

  test("offers what is allowed and there, in the server's words, and passes results and errors on", async () => {
    expect(await answerTo("shop__echo 7")).toBe("echo 7");
    const names = model.requests.at(-1)?.body.tools?.map((tool) => tool.function.name) ?? [];
    expect(names.sort()).toEqual(
      ["crash", "echo", "fails", "huge", "large", "pay", "slow"]
        .map((name) => `shop__${name}`)
        .concat("hand_over_to_person")
        .sort(),
    );
    expect(server.calls.at(-1)).toMatchObject({
      called: "echo",
      order: "7",
      key: expect.stringMatching(/^tool:.*:call-1$/),
    });
    expect(await answerTo("shop__fails 7")).toBe("The tool answered with an error: no such order");
    expect(await answerTo("shop__missing 7")).toMatch(/not found/i);
  });

  test("never asks for a tool that the settings do not allow, whatever a document talked the model into", async () => {
    const before = server.calls.length;
    for (const name of ["shop__secret", "secret", "shop__find_payment", "other__echo", "__proto__", "constructor"]) {
      expect(await answerTo(`${name} 7`)).toBe(`Refused: there is no tool "${name}".`);
    }
    expect(server.calls.length).toBe(before);
  });

  test("stops waiting for a slow tool, cuts a large result, drops a huge one, and survives a server that is not there", async () => {
    expect(await answerTo("shop__slow 7")).toBe("The tool gave no result: No answer within 1 s.");
    expect(await answerTo("shop__large 7")).toBe(`${"y".repeat(100_000)}\n(cut at 100000 bytes)`);
    expect(await answerTo("shop__huge 7")).toMatch(/^The tool's answer is larger than \d+ bytes and was dropped\.$/);
    expect(await answerTo("gone__echo 7")).toBe("The tool server cannot be reached; the tool was not asked.");
  });

  test("asks the server's own tool about a lost call instead of calling again", async () => {
    expect(await answerTo("shop__pay 7")).toBe("paid 7");
    const before = server.calls.length;
    expect(await answerTo("shop__pay lost")).toBe("found: paid lost");
    const [first, second, ...more] = server.calls.slice(before);
    expect([first?.called, second?.called, more]).toEqual(["pay", "find_payment", []]);
    expect(second?.key).toBe(first?.key);
  });

  test("asks a person when the server dies in a `once` call, although it hints that the tool only reads", async () => {
    const thread = await client.threads.create();
    const stopped = await ask("shop__crash 7", thread.thread_id);
    expect(stopped.__interrupt__).toMatchObject([{ value: { kind: "unresolved_tool_call", tool: "shop__crash" } }]);
    const calls = server.calls.filter((call) => call.called === "crash").length;
    expect(calls).toBe(1);
    const heir = await startToolServer(Number(new URL(server.url).port));
    server = heir;
    const ended = (await client.runs.wait(thread.thread_id, "support", {
      command: { resume: { result: "it did happen" } },
    })) as unknown as Values;
    expect(ended.messages.at(-1)?.content).toBe("it did happen");
    expect(heir.calls).toEqual([]);
    expect(await answerTo("shop__echo again")).toBe("echo again");
  });
});

test("refuses settings in which a lost call of a `reconcile` tool could not be found", () => {
  const settings = z.strictObject(toolFields);
  const server = (tool: object) => ({ toolServers: { shop: { url: "http://shop/mcp", tools: { pay: tool } } } });
  expect(settings.safeParse(server({ policy: "reconcile" })).error?.message).toContain("needs `reconcile`");
  expect(settings.safeParse(server({ policy: "once", reconcile: "find" })).success).toBe(false);
  expect(settings.safeParse(server({ policy: "reconcile", reconcile: "find" })).success).toBe(true);
  expect(settings.safeParse({ tools: { a__b: {} } }).success).toBe(false);
  expect(settingsSchema.safeParse({ storage: { kind: "embedded", folder: "x" }, agents: {} }).success).toBe(true);
});
