// Proves: images are built without a container engine, the same input gives the same digest, what a registry has is what
// the lock says, and what goes wrong is one sentence with nothing half done.
//
// How: the real command, crane and the registry that crane carries. A server before that registry refuses, changes or cuts
// what a test wants refused, changed or cut. What an image does when it runs is proven by run-image.test.ts.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { parse } from "yaml";
import { smallBase, smallIndex } from "../../support/base-image.ts";
import { type Checkout, newCheckout } from "../../support/checkout.ts";
import { type CraneRegistry, craneRegistry } from "../../support/crane.ts";
import { forward, type LoopbackServer, listen } from "../../support/loopback-server.ts";
import { stackWith } from "../../support/stack-file.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const services = ["engine-simulator", "gateway", "orchestrator"];
const directory = mkdtempSync(join(tmpdir(), "freehold-images-"));
let crane: CraneRegistry;
let base: string;
let checkout: Checkout;
const fronts: LoopbackServer[] = [];

beforeAll(async () => {
  crane = await craneRegistry(directory);
  base = await smallBase(crane, directory, "small");
}, 600_000);
afterAll(async () => {
  await crane.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  checkout = newCheckout();
  for (const name of ["services", "package.json", "package-lock.json", "node_modules"]) {
    symlinkSync(join(repository, name), join(checkout.root, name));
  }
  checkout.write("config/stack.yaml", stackWith());
});
afterEach(async () => {
  await Promise.all(fronts.splice(0).map((front) => front.close()));
  checkout.remove();
});

const lockPath = () => join(checkout.root, "config/stack.lock.yaml");
/** Each test pushes to a place of its own. */
let places = 0;
const place = (host = crane.host) => `${host}/place-${++places}`;
const run = (args: readonly string[], environment: Record<string, string> = {}) =>
  checkout.freehold(["images", ...args], {
    environment: { ...process.env, FREEHOLD_STACK: undefined, DOCKER_CONFIG: directory, ...environment },
  });
const front = async (handler: RequestListener) => {
  const server = await listen(handler);
  fronts.push(server);
  return server;
};
/** No output folder, no lock, no workshop that was left behind. */
const nothingHalfDone = () => {
  expect(existsSync(lockPath())).toBe(false);
  const left = existsSync(join(checkout.root, ".freehold")) ? readdirSync(join(checkout.root, ".freehold")) : [];
  expect(left.filter((name) => name.startsWith("images"))).toEqual([]);
};
const stackAsking = (image: string) =>
  `${stackWith()}gateway: { image: "${image}", keys: { secret: keys, key: keys.json }, tenants: { support: {} } }\n`;
const sha256 = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;
const digestsIn = (stdout: string) => stdout.match(/sha256:[0-9a-f]{64}/g) ?? [];

it("builds every service, and the same input gives the same digest from another folder and through a mirror", async () => {
  const first = await run(["--base", base]);
  expect(first).toMatchObject({ code: 0 });
  expect(digestsIn(first.stdout)).toHaveLength(3);
  const bills = services.map((name) => readFileSync(join(checkout.root, `.freehold/images/${name}.cdx.json`), "utf8"));
  checkout.remove();
  const other = newCheckout();
  try {
    for (const name of ["services", "package.json", "package-lock.json", "node_modules"]) {
      symlinkSync(join(repository, name), join(other.root, name));
    }
    const second = await other.freehold(["images", "--base", base.replace(crane.host, "registry.example.com")], {
      environment: { ...process.env, FREEHOLD_REGISTRY_MIRRORS: `registry.example.com=${crane.host}` },
    });
    expect(second.stdout).toBe(first.stdout);
    const again = services.map((name) => readFileSync(join(other.root, `.freehold/images/${name}.cdx.json`), "utf8"));
    expect(again).toEqual(bills);
  } finally {
    other.remove();
  }
});

it("pushes images that crane finds whole, with the digest that the lock has, and changes nothing the second time", async () => {
  const to = place();
  checkout.write("config/stack.yaml", stackAsking(`${to}/gateway:0.1.0`));
  const pushed = await run(["--base", base, "--to", to]);
  expect(pushed.stderr).not.toContain("IMG-");
  expect(pushed).toMatchObject({ code: 0 });
  expect(pushed.stdout).toContain(`config/stack.yaml asks for no ${to}/orchestrator:0.1.0; it is not in the lock.`);
  expect(pushed.stdout).toContain("wrote config/stack.lock.yaml");
  for (const name of services) expect(await crane.run("validate", "--remote", `${to}/${name}:0.1.0`)).toContain("PASS");

  const text = readFileSync(lockPath(), "utf8");
  const { images } = parse(text) as { images: Record<string, { digest: string }> };
  expect(Object.keys(images)).toEqual([`${to}/gateway:0.1.0`]);
  expect(images[`${to}/gateway:0.1.0`]?.digest).toBe(await crane.digest(`${to}/gateway:0.1.0`));
  const again = await run(["--base", base, "--to", to]);
  expect(again.stdout).toContain("config/stack.lock.yaml is up to date.");
  expect(readFileSync(lockPath(), "utf8")).toBe(text);
});

it("adds one layer to the base, and sets user and entrypoint without a shell", async () => {
  const to = place();
  await run(["--base", base, "--to", to, "--only", "gateway"]);
  const reference = `${to}/gateway:0.1.0`;
  const { config, history } = JSON.parse(await crane.run("config", reference));
  expect(config).toEqual({ User: "65532:65532", Entrypoint: ["/nodejs/bin/node", "/app/main.mjs"] });
  expect(history.at(-1)).toEqual({ created: "1970-01-01T00:00:00Z", created_by: "freehold images gateway" });
  const { layers } = JSON.parse(await crane.run("manifest", reference));
  expect(layers).toHaveLength(2);
  expect(await crane.run("ls", `${to}/gateway`)).toContain("0.1.0");
});

it("makes an index for the two architectures of an index, and leaves its other platforms out", async () => {
  const platforms = ["linux/amd64", "linux/arm64", "linux/s390x", "windows/amd64"];
  const index = await smallIndex(crane, directory, "many", platforms);
  const to = place();
  expect(await run(["--base", index, "--to", to, "--only", "gateway"])).toMatchObject({ code: 0 });
  const { manifests } = JSON.parse(await crane.run("manifest", `${to}/gateway:0.1.0`));
  expect(manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ]);
  expect(await crane.run("validate", "--remote", `${to}/gateway:0.1.0`)).toContain("PASS");
});

it("lists every package whose code is in a bundle and no other, with hash and licence, as an artifact of the image", async () => {
  const to = place();
  await run(["--base", base, "--to", to]);
  for (const service of services) {
    const path = join(checkout.root, `.freehold/images/${service}.cdx.json`);
    const bill = JSON.parse(readFileSync(path, "utf8"));
    const layer = await layerText(`${to}/${service}:0.1.0`);
    // esbuild names each source in a comment before its code.
    const inBundle = new Set(
      [...layer.matchAll(/^ *\/\/ (?:.*\/)?node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm)].map(([, name]) => name),
    );
    const listed = bill.components.map(({ "bom-ref": ref }: { "bom-ref": string }) => ref.replace(/@[^@]+$/, ""));
    expect(new Set(listed)).toEqual(inBundle);
    for (const component of bill.components) {
      expect(component).toMatchObject({ purl: expect.stringMatching(/^pkg:npm\//), hashes: [{ alg: "SHA-512" }] });
      expect(component.licenses).not.toHaveLength(0);
    }

    const digest = await crane.digest(`${to}/${service}:0.1.0`);
    const referrers = JSON.parse(await crane.run("manifest", `${to}/${service}:${digest.replace(":", "-")}`));
    expect(referrers.manifests).toHaveLength(1);
    const [{ digest: artifact, artifactType }] = referrers.manifests;
    expect(artifactType).toBe("application/vnd.cyclonedx+json");
    const { subject, layers } = JSON.parse(await crane.run("manifest", `${to}/${service}@${artifact}`));
    expect(subject.digest).toBe(digest);
    expect(layers[0].digest).toBe(sha256(readFileSync(path)));
  }
});

/** The bundle in the last layer of an image, as text. */
async function layerText(reference: string): Promise<string> {
  const { layers } = JSON.parse(await crane.run("manifest", reference));
  const name = reference.replace(/:[^:/]+$/, "");
  const answer = await fetch(`http://${name.replace("/", "/v2/")}/blobs/${layers.at(-1).digest}`);
  return gunzipSync(Buffer.from(await answer.arrayBuffer())).toString("latin1");
}

it("rejects a service, a place and a base that are none, before anything is built", async () => {
  const cases: [args: string[], code: string, says: string][] = [
    [["--only", "gatway"], "IMG-101", "Write gateway."],
    [["--to", "freehold"], "IMG-104", "it names no registry"],
    [["--to", "Registry.example.com/Free"], "IMG-104", "is not a repository"],
    [["--base", `${crane.host}/bases/small:1`], "IMG-103", "it has no digest"],
    [["--base", "sha256:12"], "IMG-103", "cannot be used"],
  ];
  for (const [args, code, says] of cases) {
    const refused = await run(args);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(code);
    expect(refused.stderr).toContain(says);
    nothingHalfDone();
  }
});

it("rejects a base that the registry does not have, that is for another system, or whose registry is gone", async () => {
  const absent = base.replace(/[0-9a-f]{64}$/, "0".repeat(64));
  expect((await run(["--base", absent])).stderr).toContain("IMG-203");
  const windows = await smallIndex(crane, directory, "windows", ["windows/amd64"]);
  expect((await run(["--base", windows])).stderr).toContain("IMG-107");
  const gone = await front(() => undefined);
  await gone.close();
  expect((await run(["--base", base.replace(crane.host, gone.host)])).stderr).toContain("IMG-201");
  nothingHalfDone();
});

it("keeps the base for the next time, and pulls it again when what it kept is damaged", async () => {
  const pulled = await front(forward(crane.host));
  const args = ["--base", base.replace(crane.host, pulled.host), "--only", "gateway"];
  const first = await run(args);
  expect(first.code).toBe(0);
  const asked = pulled.requests.length;
  expect(await run(args)).toEqual(expect.objectContaining({ code: 0, stdout: first.stdout }));
  expect(pulled.requests).toHaveLength(asked);

  const blobs = join(checkout.root, ".freehold/base-images", base.replace(/^.*sha256:/, ""), "blobs/sha256");
  for (const name of readdirSync(blobs)) writeFileSync(join(blobs, name), "damaged");
  expect(await run(args)).toEqual(expect.objectContaining({ code: 0, stdout: first.stdout }));
});

it("rejects a base whose content is not what its digest promises", async () => {
  const liar = await front((request, response) => {
    if (request.url?.includes("/manifests/") !== true) return forward(crane.host)(request, response);
    response.writeHead(200, { "content-type": "application/vnd.oci.image.manifest.v1+json" });
    response.end('{"schemaVersion":2,"layers":[]}');
  });
  const lied = await run(["--base", base.replace(crane.host, liar.host)]);
  expect(lied.code).toBe(1);
  expect(lied.stderr).toContain("IMG-204");
  nothingHalfDone();
});

it("uses the credentials of Docker's file or of DOCKER_AUTH_CONFIG, and says whose were refused", async () => {
  const right = `Basic ${Buffer.from("builder:secret").toString("base64")}`;
  const guarded = await front((request, response) => {
    if (request.headers.authorization === right) return forward(crane.host)(request, response);
    response.writeHead(401, { "www-authenticate": 'Basic realm="here"' }).end();
  });
  const credentials = (password: string) =>
    JSON.stringify({ auths: { [guarded.host]: { username: "builder", password } } });
  const args = ["--base", base, "--to", place(guarded.host), "--only", "gateway"];

  const without = await run(args);
  expect(without.code).toBe(1);
  expect(without.stderr).toContain("IMG-202");
  expect(without.stderr).toContain("without credentials");
  const wrong = await run(args, { DOCKER_AUTH_CONFIG: credentials("guess") });
  expect(wrong.stderr).toContain("with the credentials from");
  expect(wrong.stderr).not.toContain("guess");
  nothingHalfDone();

  expect(await run(args, { DOCKER_AUTH_CONFIG: credentials("secret") })).toMatchObject({ code: 0 });
  const folder = join(directory, "docker");
  mkdirSync(folder);
  writeFileSync(join(folder, "config.json"), credentials("secret"));
  expect(await run(args, { DOCKER_CONFIG: folder })).toMatchObject({ code: 0 });
});

it("moves no tag and writes no lock when the registry breaks in the middle, and goes on the next time", async () => {
  let manifests = 0;
  let isBroken = true;
  const brittle = await front((request, response) => {
    if (request.method === "PUT" && request.url?.includes("/manifests/") === true) manifests += 1;
    if (isBroken && manifests > 3) response.writeHead(507).end();
    else forward(crane.host)(request, response);
  });
  const to = place(brittle.host);
  const inside = to.replace(brittle.host, crane.host);
  checkout.write("config/stack.yaml", stackAsking(`${to}/gateway:0.1.0`));
  const broken = await run(["--base", base, "--to", to]);
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain("IMG-206");
  expect(await crane.run("ls", `${inside}/engine-simulator`)).not.toContain("0.1.0");
  nothingHalfDone();

  isBroken = false;
  expect(await run(["--base", base, "--to", to])).toMatchObject({ code: 0 });
  expect(readFileSync(lockPath(), "utf8")).toContain(await crane.digest(`${inside}/gateway:0.1.0`));
});

it("writes no lock when the tag leads elsewhere after the push", async () => {
  const to = place();
  const stubborn = await front((request, response) => {
    if (request.method !== "HEAD" || request.url?.endsWith("/manifests/0.1.0") !== true) {
      return forward(crane.host)(request, response);
    }
    const headers = {
      "content-type": "application/vnd.oci.image.manifest.v1+json",
      "content-length": "2",
      "docker-content-digest": `sha256:${"1".repeat(64)}`,
    };
    response.writeHead(200, headers).end();
  });
  const moved = await run(["--base", base, "--only", "gateway", "--to", to.replace(crane.host, stubborn.host)]);
  expect(moved.code).toBe(1);
  expect(moved.stderr).toContain("IMG-205");
  nothingHalfDone();
});

it("rejects a stack file with a mistake, and another stack's lock, before anything is pushed", async () => {
  const to = place();
  checkout.write("config/stack.lock.yaml", { lockVersion: 1, stack: "a/b", images: {}, weights: {}, charts: {} });
  expect((await run(["--base", base, "--to", to])).stderr).toContain("LCK-103");
  checkout.write("config/stack.yaml", "apiVersion: 1\n");
  expect(await run(["--base", base, "--to", to])).toMatchObject({ code: 1 });
  await expect(crane.run("ls", `${to}/gateway`)).rejects.toThrow("NAME_UNKNOWN");
});

it("says what the bundler says of broken sources, and refuses a package that package-lock.json does not have", async () => {
  // A copy of the build script that stands where the real one would, for sources of its own.
  const own = newCheckout();
  try {
    symlinkSync(join(repository, "node_modules"), join(own.root, "node_modules"));
    own.write("package.json", '{ "name": "own", "version": "1.0.0" }');
    own.write("services/build.mjs", readFileSync(join(repository, "services/build.mjs"), "utf8"));
    own.write("services/gateway/package.json", '{ "name": "gateway", "version": "1.0.0" }');
    own.write("services/gateway/Dockerfile", readFileSync(join(repository, "services/gateway/Dockerfile"), "utf8"));
    own.write("services/gateway/src/main.ts", 'import "./absent.ts";\n');
    own.write(
      "package-lock.json",
      '{ "name": "own", "lockfileVersion": 3, "packages": { "": { "name": "own", "version": "1.0.0" } } }',
    );
    const broken = await own.freehold(["images", "--base", base]);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain("IMG-105");
    expect(broken.stderr).toContain("absent.ts");

    own.write("services/gateway/src/main.ts", 'import * as z from "zod";\nconsole.log(z.string());\n');
    const unlisted = await own.freehold(["images", "--base", base]);
    expect(unlisted.code).toBe(1);
    expect(unlisted.stderr).toContain("IMG-106");
    expect(unlisted.stderr).toMatch(/zod@[\d.]+ is in the bundle of gateway and not in package-lock\.json/);
    own.write("package-lock.json", "{");
    expect((await own.freehold(["images", "--base", base])).stderr).toContain("IMG-106");
  } finally {
    own.remove();
  }
});
