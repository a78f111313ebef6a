// Runs the script of the fetch Job with python3. What lies on a volume is checked with nothing but Python; fetching
// needs the hub's own library, which engine images carry: without it (`pip install huggingface_hub`, or another
// interpreter named by FREEHOLD_TEST_PYTHON) those tests are skipped and say so.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Certificate, selfSigned } from "../support/certificate.ts";
import { envoyConfigurationOf, onLoopback, renderEgressProxy } from "../support/egress-proxy.ts";
import { envoyBinary, startEnvoy } from "../support/envoy.ts";
import { freePort } from "../support/free-port.ts";
import { type LoopbackServer, listen } from "../support/loopback-server.ts";

const python = process.env.FREEHOLD_TEST_PYTHON ?? "python3";
const script = fileURLToPath(new URL("../../stacks/scripts/fetch_weights.py", import.meta.url));
const repository = "acme/chat";
const commit = "c0ffee".padEnd(40, "0");
const files: Readonly<Record<string, string>> = {
  "config.json": '{"model_type":"test"}\n',
  "model-00001-of-00001.safetensors": "weights".repeat(1000),
  "1_Pooling/config [x].json": "{}\n",
};

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Every file as the lock has it. */
const locked = Object.entries(files).map(([name, text]) => ({
  name,
  bytes: text.length,
  sha256: name.endsWith(".safetensors") ? sha256(text) : null,
}));

let directory: string;
let cache: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "freehold-fetch-"));
  cache = join(directory, "cache");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const snapshot = () => join(cache, "models--acme--chat/snapshots", commit);

/** Lays files out as the hub's library does: content under its hash, the snapshot pointing at it. */
function fillCache(contents: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(contents)) {
    const blob = join(cache, "models--acme--chat/blobs", sha256(text));
    const link = join(snapshot(), name);
    for (const folder of [dirname(blob), dirname(link)]) mkdirSync(folder, { recursive: true });
    writeFileSync(blob, text);
    symlinkSync(blob, link);
  }
}

interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs the script to its end. */
function fetchWeights(wanted: object, environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const wantedPath = join(directory, "weights.json");
  writeFileSync(wantedPath, JSON.stringify({ repository, revision: commit, files: locked, ...wanted }));
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    FREEHOLD_WEIGHTS: wantedPath,
    HF_HUB_CACHE: cache,
    HF_HUB_DISABLE_TELEMETRY: "1",
    HF_HUB_DISABLE_XET: "1",
    HF_HUB_DISABLE_PROGRESS_BARS: "1",
    ...environment,
  };
  return new Promise((resolve, reject) => {
    execFile(python, [script], { env, timeout: 50_000 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") return reject(error);
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

/** What the script says differs between a snapshot and the lock. */
function differences(entries: readonly object[]): unknown {
  const code = [
    "import json, pathlib, sys",
    "sys.path.insert(0, sys.argv[1])",
    "import fetch_weights",
    "print(json.dumps(fetch_weights.differences(pathlib.Path(sys.argv[2]), json.loads(sys.argv[3]))))",
  ].join("\n");
  const words = ["-B", "-c", code, dirname(script), snapshot(), JSON.stringify(entries)];
  return JSON.parse(execFileSync(python, words, { encoding: "utf8", timeout: 20_000 }));
}

describe("the fetch script, on what lies on the volume", () => {
  it("makes no request when everything is there and matches the lock", async () => {
    fillCache(files);
    expect(await fetchWeights({}, { HF_ENDPOINT: "http://127.0.0.1:1" })).toEqual({
      code: 0,
      output: `${repository}@${commit} is already there and matches the lock: 3 files.\n`,
    });
  });

  it("finds nothing to say about files that match the lock", () => {
    fillCache(files);
    expect(differences(locked)).toEqual([]);
  });

  it("rejects a missing file", () => {
    fillCache({ "config.json": files["config.json"] ?? "" });
    expect(differences(locked.slice(0, 2))).toEqual([["model-00001-of-00001.safetensors", "is missing"]]);
  });

  it("rejects a file that was cut off", () => {
    fillCache({ ...files, "config.json": "{" });
    expect(differences(locked)).toEqual([["config.json", "has 1 bytes, the lock says 22"]]);
  });

  it("rejects a file of the same size with another content", () => {
    const other = "stwighe".repeat(1000);
    fillCache({ ...files, "model-00001-of-00001.safetensors": other });
    expect(differences(locked)).toEqual([
      [
        "model-00001-of-00001.safetensors",
        `has SHA-256 ${sha256(other)}, the lock says ${sha256("weights".repeat(1000))}`,
      ],
    ]);
  });
});

function hasLibrary(): boolean {
  try {
    execFileSync(python, ["-c", "import huggingface_hub"], { stdio: "ignore", timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

/** A hub on loopback that serves one commit of one repository, and what `contents` says of each file. */
function hub(
  contents: Readonly<Record<string, string>>,
  { storage, certificate }: { readonly storage?: string; readonly certificate?: Certificate } = {},
): Promise<LoopbackServer> {
  return listen((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://hub");
    if (/^\/api\/models\/acme\/chat\/revision\/(main|[0-9a-f]{40})$/.test(pathname)) {
      const siblings = Object.keys(contents).map((rfilename) => ({ rfilename }));
      response.writeHead(200, { "content-type": "application/json" });
      return response.end(JSON.stringify({ id: repository, sha: commit, private: false, siblings }));
    }
    // The library lists a commit by one address or the other, by its version.
    if (pathname === `/api/models/acme/chat/tree/${commit}`) {
      const entries = Object.entries(contents).map(([path, text]) => ({
        type: "file",
        path,
        size: text.length,
        oid: createHash("sha1").update(text).digest("hex"),
      }));
      response.writeHead(200, { "content-type": "application/json" });
      return response.end(JSON.stringify(entries));
    }
    const name = decodeURIComponent(/^\/acme\/chat\/resolve\/[^/]+\/(.*)$/.exec(pathname)?.[1] ?? "");
    const text = contents[name];
    if (text === undefined) return response.writeHead(404, { "x-error-code": "EntryNotFound" }).end();
    if (storage !== undefined && name.endsWith(".safetensors")) {
      const linked = { "x-linked-etag": `"${sha256(text)}"`, "x-linked-size": text.length };
      return response.writeHead(302, { location: `${storage}/${name}`, "x-repo-commit": commit, ...linked }).end();
    }
    response.writeHead(200, {
      "content-length": text.length,
      "x-repo-commit": commit,
      etag: `"${sha256(text)}"`,
      "accept-ranges": "bytes",
    });
    return response.end(request.method === "HEAD" ? undefined : text);
  }, certificate);
}

describe("the fetch script, with the hub's library", () => {
  const missing = !hasLibrary();
  let server: LoopbackServer | undefined;
  beforeEach(({ skip }) => skip(missing, `${python} has no huggingface_hub; FREEHOLD_TEST_PYTHON names one that has`));
  afterEach(() => server?.close());

  it("fetches the files of the lock and no others", async () => {
    server = await hub({ ...files, "pytorch_model.bin": "not served" });
    const { code, output } = await fetchWeights({}, { HF_ENDPOINT: server.origin });
    expect(output).toContain("is there: 3 files match the lock.");
    expect(code).toBe(0);
    for (const [name, text] of Object.entries(files)) expect(readFileSync(join(snapshot(), name), "utf8")).toBe(text);
    expect(readdirSync(snapshot())).not.toContain("pytorch_model.bin");
  });

  it("makes a branch readable offline when there is no lock", async () => {
    server = await hub(files);
    const { code } = await fetchWeights({ revision: "main", files: [] }, { HF_ENDPOINT: server.origin });
    expect(code).toBe(0);
    expect(readFileSync(join(cache, "models--acme--chat/refs/main"), "utf8")).toBe(commit);
  });

  it("sends the token it is given", async () => {
    server = await hub(files);
    await fetchWeights({}, { HF_ENDPOINT: server.origin, HF_TOKEN: "not-a-real-token" });
    expect(server.requests[0]?.headers.authorization).toBe("Bearer not-a-real-token");
  });

  it("rejects what differs from the lock, removes it, and fetches it again the next time", async () => {
    const weights = "model-00001-of-00001.safetensors";
    server = await hub({ ...files, [weights]: "stwighe".repeat(1000) });
    const first = await fetchWeights({}, { HF_ENDPOINT: server.origin });
    expect(first.code).toBe(1);
    expect(first.output).toContain(`${weights} has SHA-256`);
    expect(readdirSync(snapshot())).not.toContain(weights);
    await server.close();

    server = await hub(files);
    const second = await fetchWeights({}, { HF_ENDPOINT: server.origin });
    expect(second.code).toBe(0);
    expect(readFileSync(join(snapshot(), weights), "utf8")).toBe(files[weights]);
  });

  it("fails when the hub does not answer, and leaves nothing that looks complete", async () => {
    server = await listen((_, response) => response.writeHead(404, { "x-error-code": "RepoNotFound" }).end());
    const { code } = await fetchWeights({}, { HF_ENDPOINT: server.origin });
    expect(code).not.toBe(0);
    expect(differences(locked)).toHaveLength(3);
  });
});

describe("the fetch script, through the proxy", () => {
  const binary = envoyBinary();
  const certificate = selfSigned(["localhost"], { authority: true });
  const open: { close(): Promise<void> }[] = [];
  beforeEach(({ skip }) => skip(binary === null || !hasLibrary(), "There is no envoy, or no huggingface_hub"));
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  /** A hub and its storage behind an Envoy that lets through to the first, and to the second when it `knows` it. */
  async function fetchBehind({ knows }: { readonly knows: boolean }) {
    const weights = files["model-00001-of-00001.safetensors"] ?? "";
    const storage = await listen((request, response) => {
      response.writeHead(200, {
        "content-length": weights.length,
        "x-repo-commit": commit,
        etag: `"${sha256(weights)}"`,
      });
      response.end(request.method === "HEAD" ? undefined : weights);
    }, certificate);
    const server = await hub(files, { storage: storage.origin, certificate });
    open.push(storage, server);
    const [port, ready] = [await freePort(), await freePort()];
    const hosts = knows ? [server.port, storage.port] : [server.port];
    const objects = await renderEgressProxy(onLoopback(ready, { "fetch-weights": { port, hosts } }));
    const configuration = envoyConfigurationOf(objects);
    const envoy = await startEnvoy(binary ?? "", configuration, `http://127.0.0.1:${ready}/ready`);
    open.push({ close: () => envoy.stop() });
    const authority = join(directory, "authority.pem");
    writeFileSync(authority, certificate.cert);
    const outcome = await fetchWeights(
      {},
      { HF_ENDPOINT: server.origin, HTTPS_PROXY: `http://127.0.0.1:${port}`, SSL_CERT_FILE: authority },
    );
    return { outcome, envoy, server, storage };
  }

  it("fetches from the hub and from the storage that it sends clients on to", async () => {
    const { outcome, envoy, server, storage } = await fetchBehind({ knows: true });
    expect(outcome).toMatchObject({ code: 0, output: expect.stringContaining("is there: 3 files match the lock.") });
    await vi.waitFor(
      () => {
        // Lines without a status are about the greeting inside a tunnel.
        const answered = envoy.log().filter(({ status }) => status !== undefined);
        const hosts = new Set(answered.map(({ host, status }) => `${host} ${status}`));
        expect(hosts).toEqual(new Set([`localhost:${server.port} 200`, `localhost:${storage.port} 200`]));
      },
      { timeout: 60_000 },
    );
  });

  it("fetches nothing from a storage that the proxy does not know, and the log names it", async () => {
    const { outcome, envoy, storage } = await fetchBehind({ knows: false });
    expect(outcome.code).not.toBe(0);
    expect(storage.requests).toEqual([]);
    await vi.waitFor(
      () =>
        expect(envoy.log()).toContainEqual(
          expect.objectContaining({ workload: "fetch-weights", host: `localhost:${storage.port}`, status: 403 }),
        ),
      { timeout: 60_000 },
    );
  });
});
