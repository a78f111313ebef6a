import { mkdtempSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { HttpClient } from "../../../cli/lock/http-client.ts";
import { OciRegistry } from "../../../cli/lock/oci-registry.ts";
import { Failure } from "../../../config/diagnostics/failure.ts";
import type { Finding } from "../../../config/diagnostics/finding.ts";
import { parseImageReference } from "../../../config/lock/image-reference.ts";
import { type CraneRegistry, craneRegistry } from "../../support/crane.ts";
import { digestOf } from "../../support/lock.ts";
import { forward, type LoopbackServer, listen } from "../../support/loopback-server.ts";

const directory = mkdtempSync(join(tmpdir(), "freehold-oci-"));
let crane: CraneRegistry;
let imageDigest: string;
let indexDigest: string;

beforeAll(async () => {
  crane = await craneRegistry(directory);
  imageDigest = await crane.push(`${crane.host}/acme/engine:v1`, "first");
  indexDigest = await crane.pushIndex(`${crane.host}/acme/multi:v1`);
}, 600_000);
afterAll(async () => {
  await crane.close();
  rmSync(directory, { recursive: true });
});

async function resolve(reference: string, environment: Record<string, string> = {}, known: string | null = null) {
  const { reference: image } = parseImageReference(reference);
  if (image === null) throw new Error(`${reference} is no reference`);
  const http = new HttpClient({ environment, timeoutSeconds: 20, firstPauseSeconds: 0.001 });
  return new OciRegistry(http, environment).resolve(image, known, { reference, place: { subject: reference } });
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

async function serve(handler: RequestListener): Promise<LoopbackServer> {
  const server = await listen(handler);
  onTestFinished(() => server.close());
  return server;
}

const login = (host: string, auth: string) => ({
  DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [host]: { auth: Buffer.from(auth).toString("base64") } } }),
});

/** What crane says of an image's layers and configuration together. */
async function sizeOf(reference: string): Promise<number> {
  const text = await crane.run("manifest", reference);
  const { config, layers } = JSON.parse(text) as { config: { size: number }; layers: { size: number }[] };
  return [config, ...layers].reduce((sum, { size }) => sum + size, 0);
}

describe("a tag at a real registry", () => {
  it("has the digest that crane sees, and the size that its manifest says", async () => {
    expect(await resolve(`${crane.host}/acme/engine:v1`)).toEqual({
      digest: imageDigest,
      bytes: await sizeOf(`${crane.host}/acme/engine:v1`),
      source: `http://${crane.host}`,
    });
  });

  it("has the digest of its index when the image has several platforms", async () => {
    expect(await resolve(`${crane.host}/acme/multi:v1`)).toMatchObject({ digest: indexDigest, bytes: null });
  });

  it("has the size of what GPU nodes pull when the image has several platforms", async () => {
    const index = `${crane.host}/acme/sized:v1`;
    const members = ["linux/arm64", "linux/amd64"].map(
      (platform) => [platform, `${index}-${platform.slice(6)}`] as const,
    );
    for (const [platform, member] of members) {
      await crane.push(member, platform.repeat(platform.endsWith("amd64") ? 2000 : 1));
      await crane.run("mutate", "--set-platform", platform, "--tag", member, member);
    }
    await crane.run("index", "append", ...members.flatMap(([, member]) => ["--manifest", member]), "--tag", index);
    const { bytes } = await resolve(index);
    expect(bytes).toBe(await sizeOf(`${index}-amd64`));
    expect(bytes).not.toBe(await sizeOf(`${index}-arm64`));
  });

  it("has another digest once it is pushed again", async () => {
    const reference = `${crane.host}/acme/moving:v1`;
    const before = await crane.push(reference, "before");
    const after = await crane.push(reference, "after");
    expect(before).not.toBe(after);
    expect((await resolve(reference, {}, before)).digest).toBe(after);
  });

  it("may be named with its digest, which is then looked up", async () => {
    expect((await resolve(`${crane.host}/acme/engine@${imageDigest}`)).digest).toBe(imageDigest);
    expect((await rejection(resolve(`${crane.host}/acme/engine@${digestOf("a")}`))).code).toBe("LCK-232");
  });

  it("is asked for at the mirror when one is named, below the mirror's folder", async () => {
    const digest = await crane.push(`${crane.host}/dockerhub/vllm/vllm-openai:v1`, "mirrored");
    const environment = { FREEHOLD_REGISTRY_MIRRORS: `ghcr.io=ghcr.test, docker.io=${crane.host}/dockerhub` };
    expect(await resolve("vllm/vllm-openai:v1", environment)).toEqual({
      digest,
      bytes: expect.any(Number),
      source: `http://${crane.host}/dockerhub`,
    });
  });

  it("is not fetched again while the registry says that it has not moved", async () => {
    const gate = await serve(forward(crane.host));
    expect((await resolve(`${gate.host}/acme/engine:v1`, {}, imageDigest)).digest).toBe(imageDigest);
    expect(gate.requests.map(({ method }) => method)).toEqual(["HEAD"]);
  });

  it("rejects a tag or repository that is not there with LCK-232", async () => {
    expect((await rejection(resolve(`${crane.host}/acme/engine:v2`))).code).toBe("LCK-232");
    expect((await rejection(resolve(`${crane.host}/acme/other:v1`))).code).toBe("LCK-232");
  });
});

describe("a registry that asks who is there", () => {
  const inside = "Basic " + Buffer.from("me:secret").toString("base64");

  it("is answered with user and password", async () => {
    const gate = await serve((request, response) => {
      if (request.headers.authorization === inside) forward(crane.host)(request, response);
      else response.writeHead(401, { "www-authenticate": 'Basic realm="registry"' }).end();
    });
    expect((await resolve(`${gate.host}/acme/engine:v1`, login(gate.host, "me:secret"))).digest).toBe(imageDigest);
    const anonymous = await rejection(resolve(`${gate.host}/acme/engine:v1`));
    expect([anonymous.code, anonymous.why]).toEqual(["LCK-231", expect.stringContaining("without credentials")]);
    const wrong = await rejection(resolve(`${gate.host}/acme/engine:v1`, login(gate.host, "me:wrong")));
    expect([wrong.code, wrong.why]).toEqual(["LCK-231", expect.stringContaining("from DOCKER_AUTH_CONFIG")]);
  });

  /** A registry whose tokens come from a server of their own, which knows one user and one identity token. */
  async function tokenGate(field: "token" | "access_token", anonymous: boolean) {
    const tokens = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        const form = new URLSearchParams(body);
        const { searchParams } = new URL(request.url ?? "", "http://tokens");
        const isKnown =
          request.headers.authorization === inside ||
          (form.get("grant_type") === "refresh_token" && form.get("refresh_token") === "identity") ||
          (anonymous && request.headers.authorization === undefined && request.method === "GET");
        if (!isKnown) return response.writeHead(401).end();
        const scope = searchParams.get("scope") ?? form.get("scope") ?? "";
        response.end(JSON.stringify({ [field]: Buffer.from(scope).toString("base64url") }));
      });
    });
    const granted = Buffer.from("repository:acme/engine:pull").toString("base64url");
    const gate = await serve((request, response) => {
      if (request.headers.authorization === `Bearer ${granted}`) return forward(crane.host)(request, response);
      const challenge = `Bearer realm="${tokens.origin}/token?account=x",service="registry.test",scope="repository:acme/engine:pull"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
    });
    return { gate, tokens };
  }

  it("is answered with a token, anonymously where that is enough", async () => {
    const { gate, tokens } = await tokenGate("token", true);
    expect((await resolve(`${gate.host}/acme/engine:v1`)).digest).toBe(imageDigest);
    expect(tokens.requests[0]?.url).toBe(
      "/token?account=x&service=registry.test&scope=repository%3Aacme%2Fengine%3Apull",
    );
  });

  it("is answered with a token for user and password, which the registry itself never sees", async () => {
    const { gate } = await tokenGate("access_token", false);
    expect((await resolve(`${gate.host}/acme/engine:v1`, login(gate.host, "me:secret"))).digest).toBe(imageDigest);
    expect(gate.requests.map(({ headers }) => headers.authorization)).not.toContain(inside);
  });

  it("is answered with a token for an identity token", async () => {
    const { gate } = await tokenGate("access_token", false);
    const environment = {
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [gate.host]: { identitytoken: "identity" } } }),
    };
    expect((await resolve(`${gate.host}/acme/engine:v1`, environment)).digest).toBe(imageDigest);
  });

  it("rejects credentials that its token server refuses with LCK-231, naming the registry", async () => {
    const { gate } = await tokenGate("token", false);
    const finding = await rejection(resolve(`${gate.host}/acme/engine:v1`, login(gate.host, "me:wrong")));
    expect([finding.code, finding.title]).toEqual(["LCK-231", expect.stringContaining(gate.host)]);
    expect(JSON.stringify(finding)).not.toContain("wrong");
  });

  it("does not give its credentials to a host that it redirects to", async () => {
    const other = await serve((_, response) => response.writeHead(401, { "www-authenticate": "Basic" }).end());
    const gate = await serve((request, response) => {
      if (request.headers.authorization === inside) response.writeHead(307, { location: `${other.origin}/v2/x` }).end();
      else response.writeHead(401, { "www-authenticate": "Basic" }).end();
    });
    const finding = await rejection(resolve(`${gate.host}/acme/engine:v1`, login(gate.host, "me:secret")));
    expect(finding.code).toBe("LCK-231");
    expect(other.requests.length).toBeGreaterThan(0);
    for (const { headers } of other.requests) expect(headers).not.toHaveProperty("authorization");
  });

  it("rejects a token server on plain http with LCK-225", async () => {
    const gate = await serve((_, response) =>
      response.writeHead(401, { "www-authenticate": 'Bearer realm="http://tokens.test/"' }).end(),
    );
    expect((await rejection(resolve(`${gate.host}/acme/engine:v1`))).code).toBe("LCK-225");
  });

  it("rejects a token answer without a token with LCK-236", async () => {
    const tokens = await serve((_, response) => response.end("{}"));
    const gate = await serve((_, response) =>
      response.writeHead(401, { "www-authenticate": `Bearer realm="${tokens.origin}/"` }).end(),
    );
    expect((await rejection(resolve(`${gate.host}/acme/engine:v1`))).code).toBe("LCK-236");
  });
});

describe("a registry that answers badly", () => {
  const manifest = JSON.stringify({ schemaVersion: 2, layers: [] });

  it.each<[string, number, Record<string, string>, string, string]>([
    ["a refusal", 403, {}, "", "LCK-231"],
    ["too many requests", 429, { "retry-after": "3600" }, "", "LCK-233"],
    ["a fault of its own", 500, {}, "", "LCK-234"],
    ["a status nobody expects", 418, {}, "", "LCK-234"],
    ["a digest of other content", 200, { "docker-content-digest": digestOf("a") }, manifest, "LCK-235"],
    ["a digest of another kind", 200, { "docker-content-digest": `sha512:${"a".repeat(128)}` }, manifest, "LCK-236"],
    ["a login page", 200, { "content-type": "text/html" }, "<html>", "LCK-236"],
    ["a manifest of version 1", 200, {}, '{"schemaVersion":1}', "LCK-236"],
    ["more than a manifest may have", 200, {}, "a".repeat(4 * 2 ** 20 + 1), "LCK-236"],
    ["half an answer", 200, { "content-length": "1000" }, "half", "LCK-236"],
  ])("rejects %s (%i) with a code of its own", async (_, status, headers, body, code) => {
    const server = await serve((request, response) => {
      response.writeHead(status, headers);
      response.write(body, () => (headers["content-length"] === undefined ? response.end() : request.destroy()));
    });
    const finding = await rejection(resolve(`${server.host}/acme/engine:v1`));
    expect(finding.code).toBe(code);
    expect(finding.title).toContain(`${server.host}/acme/engine:v1`);
  });

  it("is asked again when it limits requests for a moment", async () => {
    let isFirst = true;
    const gate = await serve((request, response) => {
      if (!isFirst) return forward(crane.host)(request, response);
      isFirst = false;
      response.writeHead(429, { "retry-after": "0" }).end();
    });
    expect((await resolve(`${gate.host}/acme/engine:v1`)).digest).toBe(imageDigest);
  });

  it.each(["docker.io", "=x", "docker.io=", "docker.io=ftp://x", "docker.io=https://me:secret@x"])(
    "rejects the mirrors `%s` with LCK-242",
    async (mirrors) => {
      const finding = await rejection(resolve("acme/engine:v1", { FREEHOLD_REGISTRY_MIRRORS: mirrors }));
      expect(finding.code).toBe("LCK-242");
    },
  );
});
