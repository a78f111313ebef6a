// Proves: the end of a run is told, signed and again until it arrives, and only to whom the settings list, at an address they allow.
import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Service } from "../src/service.ts";
import type { StorageSettings } from "../src/settings.ts";
import { onBothDatabases } from "./support/databases.ts";
import { startModelServer } from "./support/model-server.ts";
import { startReplica, supportAgent } from "./support/service.ts";

const secret = randomBytes(32);
const ask = { input: { messages: [{ role: "human", content: "hi" }] } };

interface Post {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

onBothDatabases("webhooks", (given) => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-webhooks-"));
  const secretFile = join(folder, "secret");
  writeFileSync(secretFile, `whsec_${secret.toString("base64")}\n`);
  let model: Awaited<ReturnType<typeof startModelServer>>;
  let receiver: Server;
  let port: number;
  let answers: number[] = [];
  let posts: Post[] = [];
  let storage: StorageSettings;
  let service: Service;
  beforeAll(async () => {
    model = await startModelServer(({ body }) =>
      body.messages.at(-1)?.content === "cut" ? { text: ["half"], cut: true } : { text: ["Hello"] },
    );
    receiver = createServer(async (request, response) => {
      let body = "";
      for await (const part of request) body += part;
      posts.push({ path: request.url ?? "", headers: request.headers, body });
      response.writeHead(answers.shift() ?? 200, { location: "/elsewhere" }).end("x");
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    port = (receiver.address() as AddressInfo).port;
    storage = given().storage;
    service = await start();
  });
  afterAll(async () => {
    await service?.stop();
    await model?.stop();
    receiver?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    posts = [];
    answers = [];
  });
  const start = (networks = ["127.0.0.0/8"], webhooks = true) =>
    startReplica({
      storage,
      admin: { port: 0 },
      agents: { support: supportAgent(model) },
      runs: { reaperSeconds: 0.05, statelessKeepSeconds: 0.1 },
      ...(webhooks
        ? {
            webhooks: {
              origins: [`http://127.0.0.1:${port}`, `http://localhost:${port}`, "http://[::1]:9/"],
              networks,
              secretFile,
              retrySeconds: 0.05,
              timeoutSeconds: 1,
              attempts: 4,
            },
          }
        : {}),
    });
  const restart = async (...how: Parameters<typeof start>) => {
    await service.stop();
    service = await start(...how);
  };
  const client = () => new Client({ apiUrl: service.url, callerOptions: { maxRetries: 0 } });
  const hook = (path: string, host = "127.0.0.1") => `http://${host}:${port}${path}`;
  const inState = async (state: string) => {
    const text = await (await fetch(`${service.adminUrl}/metrics`)).text();
    return Number(new RegExp(`webhooks\\{state="${state}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
  };

  test("tell of the end once, signed, with the run and what it left", async () => {
    const thread = await client().threads.create();
    const values = await client().runs.wait(thread.thread_id, "support", { ...ask, webhook: hook("/done?x=1") });
    await expect.poll(() => posts.length).toBe(1);
    const [{ path, headers, body } = {} as Post] = posts;
    expect(path).toBe("/done?x=1");
    const [run] = await client().runs.list(thread.thread_id);
    expect(JSON.parse(body)).toMatchObject({
      run_id: run?.run_id,
      thread_id: thread.thread_id,
      status: "success",
      values,
    });
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", secret).update(signed).digest("base64")}`);
    expect(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(60);
    await expect.poll(() => inState("delivered")).toBe(1);
    expect(posts).toHaveLength(1);
  });

  test("tell of a failure and of a cancelled run too", async () => {
    const input = { messages: [{ role: "human", content: "cut" }] };
    await client().runs.wait(null, "support", { input, webhook: hook("/failed"), raiseError: false });
    const thread = await client().threads.create();
    const later = { ...ask, webhook: hook("/cancelled"), afterSeconds: 3600 };
    const run = await client().runs.create(thread.thread_id, "support", later);
    await client().runs.cancel(thread.thread_id, run.run_id);
    await expect.poll(() => posts.map(({ path }) => path).sort()).toEqual(["/cancelled", "/failed"]);
    const told = Object.fromEntries(posts.map(({ path, body }) => [path, JSON.parse(body)]));
    expect(told["/failed"]).toMatchObject({ status: "error", error: { error: "ModelStreamCut" } });
    expect(told["/cancelled"]).toMatchObject({ status: "interrupted" });
  });

  test("come again under the same id until they are taken, and follow no redirect", async () => {
    answers = [500, 302, 200];
    await client().runs.wait(null, "support", { ...ask, webhook: hook("/again") });
    await expect.poll(() => posts.length).toBe(3);
    expect(new Set(posts.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(posts.map(({ path }) => path)).toEqual(["/again", "/again", "/again"]);
  });

  test("end after their attempts, and outlive the replica and the thread that was only theirs until then", async () => {
    answers = [500, 500, 500, 500, 500, 500];
    const run = await client().runs.create(null, "support", { ...ask, webhook: hook("/never") });
    await client().runs.join(run.thread_id, run.run_id);
    await restart();
    await expect.poll(() => posts.length).toBe(4);
    await expect.poll(() => inState("pending")).toBe(0);
    const found = () =>
      client()
        .runs.get(run.thread_id, run.run_id)
        .then(
          () => 200,
          (error: { status: number }) => error.status,
        );
    await expect.poll(found).toBe(404);
    expect(posts).toHaveLength(4);
  });

  test("reject a receiver that the settings do not list, and each where they list none", async () => {
    const refusal = (webhook: string) =>
      client()
        .runs.create(null, "support", { ...ask, webhook })
        .then(
          () => null,
          (error: { status: number; message: string }) => [error.status, error.message],
        );
    const urls = [
      `http://127.0.0.1:${port + 1}/`,
      `https://127.0.0.1:${port}/`,
      `http://user:word@127.0.0.1:${port}/`,
      "http://169.254.169.254/latest/meta-data",
      "file:///etc/passwd",
      "not a url",
    ];
    for (const url of urls) expect([url, await refusal(url)]).toEqual([url, [422, expect.stringContaining("webhook")]]);
    await expect(
      client().crons.create("support", { ...ask, schedule: "0 0 1 1 *", webhook: "http://10.0.0.1/" }),
    ).rejects.toMatchObject({ status: 422 });
    await restart([], false);
    expect(await refusal(hook("/"))).toEqual([422, expect.stringContaining("webhook")]);
  });

  test("ask no private address that the settings do not list, by number or by name", async () => {
    await restart([]);
    const failedBefore = await inState("failed");
    for (const url of [hook("/number"), hook("/name", "localhost"), "http://[::1]:9/six"]) {
      const { thread_id } = await client().threads.create();
      await client().runs.wait(thread_id, "support", { ...ask, webhook: url });
    }
    await expect.poll(() => inState("failed")).toBe(failedBefore + 3);
    expect(posts).toEqual([]);
  });
});
