import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { HttpClient } from "../../../cli/lock/http-client.ts";
import { ModelHub } from "../../../cli/lock/hub.ts";
import type { Environment } from "../../../cli/lock/proxy.ts";
import { Failure } from "../../../config/diagnostics/failure.ts";
import type { Finding } from "../../../config/diagnostics/finding.ts";
import { hubServer, writeCommit } from "../../support/hub-server.ts";
import { type LoopbackServer, listen } from "../../support/loopback-server.ts";

const directory = mkdtempSync(join(tmpdir(), "freehold-hub-"));
afterAll(() => rmSync(directory, { recursive: true }));

const files = {
  "config.json": '{"model_type":"qwen3"}',
  "tokenizer.json": "{}",
  "model.safetensors": "weights",
  "pytorch_model.bin": "pickled weights",
  "README.md": "# A model",
};
const chat = writeCommit(join(directory, "chat"), files);
const pickled = writeCommit(join(directory, "pickled"), { "config.json": "{}", "pytorch_model.bin": "pickled" });
const revisions = new Map([
  ["acme/chat@main", chat],
  ["acme/chat@refs/pr/1", chat],
  ["acme/old@main", pickled],
]);
const bytesOf = (name: keyof typeof files) => Buffer.byteLength(files[name]);

async function resolve(key: string, environment: Environment) {
  const [repository = "", revision = ""] = key.split("@");
  const hub = new ModelHub(new HttpClient({ environment, firstPauseSeconds: 0.001 }), environment);
  return hub.resolve({ key, repository, revision }, { reference: key, place: { subject: key } });
}

async function rejection(promise: Promise<unknown>): Promise<Finding> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Failure) return error.finding;
    throw error;
  }
  throw new Error("it was resolved");
}

async function opened(server: Promise<LoopbackServer>): Promise<LoopbackServer> {
  const open = await server;
  onTestFinished(() => open.close());
  return open;
}

const serve = (handler: RequestListener) => opened(listen(handler));

describe("a model at the hub", () => {
  it("is locked as its commit with the served files, their sizes and the hashes the hub keeps", async () => {
    const server = await opened(hubServer(revisions));
    expect(await resolve("acme/chat@main", { HF_ENDPOINT: `${server.origin}/` })).toEqual({
      commit: chat.commit,
      files: {
        "config.json": { bytes: bytesOf("config.json") },
        "model.safetensors": {
          bytes: bytesOf("model.safetensors"),
          sha256: createHash("sha256").update(files["model.safetensors"]).digest("hex"),
        },
        "tokenizer.json": { bytes: bytesOf("tokenizer.json") },
      },
      source: server.origin,
      isGated: false,
    });
  });

  it("may be named by a revision with slashes", async () => {
    const server = await opened(hubServer(revisions));
    expect((await resolve("acme/chat@refs/pr/1", { HF_ENDPOINT: server.origin })).commit).toBe(chat.commit);
  });

  it("is opened by the token from either variable or the token file", async () => {
    const server = await opened(hubServer(revisions, { token: "hf_secret", gated: true }));
    const file = join(directory, "token");
    writeFileSync(file, "hf_secret\n");
    for (const environment of [
      { HF_TOKEN: "hf_secret" },
      { HUGGING_FACE_HUB_TOKEN: "hf_secret" },
      { HF_TOKEN_PATH: file },
      { HF_HOME: directory },
    ]) {
      const found = await resolve("acme/chat@main", { HF_ENDPOINT: server.origin, ...environment });
      expect([found.commit, found.isGated]).toEqual([chat.commit, true]);
    }
  });

  it("rejects a model that may not be read with LCK-237, saying which token was used", async () => {
    const server = await opened(hubServer(revisions, { token: "hf_secret", gated: true }));
    const without = await rejection(resolve("acme/chat@main", { HF_ENDPOINT: server.origin }));
    expect([without.code, without.why]).toEqual(["LCK-237", "The model is gated; it was asked without a token."]);
    const wrong = await rejection(resolve("acme/chat@main", { HF_ENDPOINT: server.origin, HF_TOKEN: "hf_other" }));
    expect([wrong.code, wrong.why]).toEqual([
      "LCK-237",
      "The model is gated; it was asked with the token from HF_TOKEN.",
    ]);
    expect(JSON.stringify(wrong)).not.toContain("hf_other");
  });

  it("rejects a model and a revision that are not there with LCK-238, telling them apart", async () => {
    const server = await opened(hubServer(revisions));
    const model = await rejection(resolve("acme/none@main", { HF_ENDPOINT: server.origin }));
    expect([model.code, model.title]).toEqual(["LCK-238", expect.stringContaining("no such model")]);
    const revision = await rejection(resolve("acme/chat@v9", { HF_ENDPOINT: server.origin }));
    expect([revision.code, revision.title]).toEqual(["LCK-238", expect.stringContaining("no such revision")]);
  });

  it("rejects a model without safetensors with LCK-239, naming what it has instead", async () => {
    const server = await opened(hubServer(revisions));
    const finding = await rejection(resolve("acme/old@main", { HF_ENDPOINT: server.origin }));
    expect([finding.code, finding.why]).toEqual(["LCK-239", expect.stringContaining("`pytorch_model.bin`")]);
  });

  it("rejects a hub that answers for another commit than the one asked for with LCK-236", async () => {
    const asked = "a".repeat(40);
    const server = await opened(hubServer(new Map([[`acme/chat@${asked}`, chat]])));
    expect((await rejection(resolve(`acme/chat@${asked}`, { HF_ENDPOINT: server.origin }))).code).toBe("LCK-236");
  });

  const sibling = (more: object) =>
    JSON.stringify({ sha: chat.commit, siblings: [{ rfilename: "model.safetensors", size: 1, ...more }] });
  it.each<[string, number, string, string]>([
    ["a refusal without a reason", 403, "", "LCK-237"],
    ["too many requests", 429, "", "LCK-233"],
    ["a fault of its own", 502, "", "LCK-234"],
    ["a page", 200, "<html>", "LCK-236"],
    ["a list", 200, "[]", "LCK-236"],
    ["a short commit", 200, '{"sha":"abc","siblings":[]}', "LCK-236"],
    ["files without sizes", 200, sibling({ size: undefined }), "LCK-236"],
    ["two sizes for one file", 200, sibling({ lfs: { size: 2, sha256: "a".repeat(64) } }), "LCK-236"],
    ["a path out of the repository", 200, sibling({ rfilename: "../model.safetensors" }), "LCK-236"],
    ["an absolute path", 200, sibling({ rfilename: "/model.safetensors" }), "LCK-236"],
  ])("rejects %s (%i) with a code of its own", async (_, status, body, code) => {
    const server = await serve((_request, response) => response.writeHead(status).end(body));
    expect((await rejection(resolve("acme/chat@main", { HF_ENDPOINT: server.origin }))).code).toBe(code);
  });

  it("rejects an HF_ENDPOINT on plain http with LCK-225, naming the variable", async () => {
    const finding = await rejection(resolve("acme/chat@main", { HF_ENDPOINT: "http://hub.test" }));
    expect([finding.code, finding.why]).toEqual(["LCK-225", expect.stringContaining("HF_ENDPOINT leads there")]);
  });

  it.each<[string, Record<string, string>]>([
    ["an HF_ENDPOINT that is no address", { HF_ENDPOINT: "mirror" }],
    ["an HF_TOKEN with a line break inside", { HF_TOKEN: "hf_a\nhf_b" }],
    ["an HF_TOKEN_PATH that is not there", { HF_TOKEN_PATH: join(directory, "missing") }],
  ])("rejects %s with LCK-242", async (_, environment) => {
    expect((await rejection(resolve("acme/chat@main", environment))).code).toBe("LCK-242");
  });
});
