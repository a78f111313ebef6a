// Proves: pages in a browser call where they may, with the SDK unchanged, and nowhere else. The headers are looked at over
// plain HTTP; a page with the SDK runs in a real Chromium, where the machine has one.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findBrowser, launchBrowser } from "../../../test/support/browser.ts";
import type { Service } from "../src/service.ts";
import { embeddedStorage } from "./support/embedded.ts";
import { startModelServer } from "./support/model-server.ts";
import { startReplica, supportAgent } from "./support/service.ts";

const folder = mkdtempSync(join(tmpdir(), "orchestrator-pages-"));
let model: Awaited<ReturnType<typeof startModelServer>>;
let open: Service;
let keyed: Service;

beforeAll(async () => {
  model = await startModelServer(() => ({ text: ["Hello", ", ", "world"] }));
  const agents = { support: supportAgent(model) };
  open = await startReplica({ storage: await embeddedStorage(join(folder, "open")), agents });
  const keysFile = join(folder, "keys.json");
  writeFileSync(keysFile, "{}");
  keyed = await startReplica({
    storage: await embeddedStorage(join(folder, "keyed")),
    auth: { kind: "keys", keysFile },
    browserOrigins: ["https://chat.example.com"],
    agents,
  });
});
afterAll(async () => {
  await open?.stop();
  await keyed?.stop();
  await model?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** One request with whatever headers, the Host too, which `fetch` does not let a caller choose. */
function ask({ url }: Service, method: string, path: string, headers: Readonly<Record<string, string>>) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
    const asked = request(`${url}${path}`, { method, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(parts).toString() }),
      );
    });
    asked.on("error", reject);
    asked.end();
  });
}

const preflight = {
  "access-control-request-method": "POST",
  "access-control-request-headers": "content-type,x-api-key",
};

describe("without auth", () => {
  test.each(["http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:80", "http://chat.localhost"])(
    "pages of %s may call",
    async (origin) => {
      const asked = await ask(open, "OPTIONS", "/threads/x/runs/stream", { origin, ...preflight });
      expect(asked).toMatchObject({
        status: 204,
        headers: {
          "access-control-allow-origin": origin,
          "access-control-allow-headers": "content-type,x-api-key",
          vary: expect.stringContaining("Origin"),
        },
      });
      const answer = await ask(open, "GET", "/threads/x", { origin });
      expect(answer).toMatchObject({ status: 404, headers: { "access-control-allow-origin": origin } });
      expect(answer.headers["access-control-expose-headers"]).toContain("content-location");
    },
  );

  test.each(["https://evil.example", "null", "http://localhost.evil.example", "http://127.0.0.1.evil.example"])(
    "pages of %s are refused, also where a browser asks nobody first",
    async (origin) => {
      const headers = { origin, "content-type": "text/plain" };
      const { status, text, headers: answered } = await ask(open, "POST", "/runs/stream", headers);
      expect(status).toBe(403);
      expect(JSON.parse(text)).toEqual({
        detail: `Pages of ${origin} may not call: browserOrigins does not list it.`,
      });
      expect(answered["access-control-allow-origin"]).toBeUndefined();
      expect((await ask(open, "OPTIONS", "/runs/stream", { origin, ...preflight })).status).toBe(403);
    },
  );

  test("a name that somebody else has lead here is refused", async () => {
    const { status, text } = await ask(open, "GET", "/assistants", { host: "rebound.evil.example:2024" });
    expect(status).toBe(403);
    expect(text).toContain("use localhost or an address, not the name rebound.evil.example:2024");
    expect((await ask(open, "GET", "/ok", { host: "localhost:2024" })).status).toBe(200);
    expect((await ask(open, "GET", "/ok", { host: "192.0.2.7" })).status).toBe(200);
  });
});

describe("with keys", () => {
  test("pages of listed origins may call, and are told why they are not let in", async () => {
    const origin = "https://chat.example.com";
    expect(await ask(keyed, "OPTIONS", "/threads", { origin, ...preflight })).toMatchObject({
      status: 204,
      headers: { "access-control-allow-origin": origin },
    });
    const answer = await ask(keyed, "GET", "/threads", { origin });
    expect(answer).toMatchObject({ status: 401, headers: { "access-control-allow-origin": origin } });
  });

  test.each(["http://localhost:3000", "https://chat.example.com.evil.example"])(
    "browsers keep answers from pages of %s",
    async (origin) => {
      const { headers } = await ask(keyed, "OPTIONS", "/threads", { origin, ...preflight });
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    },
  );
});

const executable = findBrowser();

describe("a page with the SDK in Chromium", () => {
  let pages: Server;
  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `import { Client } from "@langchain/langgraph-sdk";
          globalThis.ask = async (apiUrl) => {
            const client = new Client({ apiUrl, callerOptions: { maxRetries: 0 } });
            const { thread_id } = await client.threads.create();
            const events = [];
            let runId = null;
            for await (const { event } of client.runs.stream(thread_id, "support", {
              input: { messages: [{ role: "human", content: "Hi" }] },
              streamMode: ["messages-tuple", "values"],
              onRunCreated: (run) => { runId = run.run_id; },
            })) events.push(event);
            const { values } = await client.threads.getState(thread_id);
            return { events, runId, text: values.messages.at(-1).content };
          };`,
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      write: false,
      platform: "browser",
      format: "iife",
    });
    pages = createServer((asked, answer) => {
      const isScript = asked.url === "/page.js";
      answer.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      answer.end(isScript ? outputFiles[0]?.text : "<script src=/page.js></script>");
    });
    await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => pages?.close());

  test("streams a run from another origin, and learns its id", async (context) => {
    if (executable === null) {
      context.skip("this machine has no Chromium; FREEHOLD_TEST_BROWSER names one");
      return;
    }
    const browser = await launchBrowser(executable);
    try {
      const page = await browser.newPage();
      await page.goto(`http://localhost:${(pages.address() as AddressInfo).port}/`);
      const told = await page.evaluate(`ask(${JSON.stringify(open.url)})`);
      expect(told).toEqual({
        events: expect.arrayContaining(["metadata", "messages", "values"]),
        runId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        text: "Hello, world",
      });
      const refused = page.evaluate(`ask(${JSON.stringify(keyed.url)})`);
      await expect(refused).rejects.toThrow(/Failed to fetch/);
    } finally {
      await browser.close();
    }
  });
});
