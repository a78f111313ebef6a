import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { registryCredentials } from "../../../cli/lock/credentials.ts";

const directory = mkdtempSync(join(tmpdir(), "freehold-credentials-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Real helpers: small programs on a PATH of their own. */
function helper(name: string, script: string): void {
  const path = join(directory, `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}
helper("works", 'read server; printf \'{"ServerURL":"%s","Username":"me","Secret":"for %s"}\' "$server" "$server"');
helper("identity", 'printf \'{"Username":"<token>","Secret":"refresh"}\'');
helper("empty", "echo 'credentials not found in native keychain'; exit 1");
helper("locked", "echo 'the keychain is locked' >&2; exit 1");
helper("odd", "echo secret-in-plain-text");

const find = (host: string, content: object | string, more: Record<string, string> = {}) =>
  registryCredentials(
    host,
    {
      PATH: `${directory}:/usr/bin:/bin`,
      DOCKER_AUTH_CONFIG: typeof content === "string" ? content : JSON.stringify(content),
      ...more,
    },
    { reference: "r", place: { subject: "r" } },
  );
const auth = Buffer.from("me:pass:word").toString("base64");

describe("the credentials for a registry", () => {
  it("are user and password of its entry, however the key is spelled", async () => {
    for (const key of ["ghcr.io", "https://ghcr.io", "https://ghcr.io/v2/"]) {
      const found = await find("ghcr.io", { auths: { [key]: { auth } } });
      expect(found).toMatchObject({ kind: "password", username: "me", password: "pass:word" });
    }
  });

  it("are those of Docker Hub under any of its names", async () => {
    for (const key of ["https://index.docker.io/v1/", "docker.io", "registry-1.docker.io"]) {
      expect(await find("registry-1.docker.io", { auths: { [key]: { auth } } })).toMatchObject({ username: "me" });
    }
  });

  it("come from config.json in DOCKER_CONFIG or in the home folder", async () => {
    writeFileSync(join(directory, "config.json"), JSON.stringify({ auths: { "ghcr.io": { auth } } }));
    const found = await find("ghcr.io", "", { DOCKER_CONFIG: directory });
    expect(found).toMatchObject({ username: "me", source: join(directory, "config.json") });
    expect(await find("ghcr.io", "", { HOME: directory })).toBeNull();
  });

  it("come from the host's helper before the general one, and that before the file", async () => {
    const auths = { "ghcr.io": { auth } };
    const credHelpers = { "ghcr.io": "works" };
    expect(await find("ghcr.io", { auths, credHelpers, credsStore: "locked" })).toMatchObject({
      password: "for ghcr.io",
    });
    expect(await find("ghcr.io", { auths, credsStore: "works" })).toMatchObject({ password: "for ghcr.io" });
    expect(await find("ghcr.io", { auths, credsStore: "empty" })).toMatchObject({ password: "pass:word" });
    expect(await find("docker.io", { credsStore: "works" })).toMatchObject({
      password: "for https://index.docker.io/v1/",
    });
  });

  it("may be an identity token", async () => {
    expect(await find("ghcr.io", { credsStore: "identity" })).toMatchObject({ kind: "identity", token: "refresh" });
    expect(await find("ghcr.io", { auths: { "ghcr.io": { identitytoken: "t" } } })).toMatchObject({ token: "t" });
  });

  it("are none when nothing names the host", async () => {
    expect(await find("quay.io", { auths: { "ghcr.io": { auth }, "quay.io.example.com": { auth } } })).toBeNull();
    expect(await find("ghcr.io", { auths: { "ghcr.io": {} } })).toBeNull();
    expect(await find("ghcr.io", "", { DOCKER_CONFIG: join(directory, "missing") })).toBeNull();
  });

  it.each<[string, object | string]>([
    ["a helper that is not installed", { credsStore: "missing" }],
    ["a helper that fails", { credsStore: "locked" }],
    ["a helper that answers oddly", { credsStore: "odd" }],
    ["a helper's name with a path in it", { credsStore: "../works" }],
    ["text that is no JSON", "secret-in-plain-text"],
    ["a list", "[]x"],
    ["an entry that is not base64 of user and password", { auths: { "ghcr.io": { auth: "c2VjcmV0" } } }],
  ])("reject %s with LCK-241 and repeat no secret", async (_, content) => {
    const error = await find("ghcr.io", content).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain("LCK-241");
    expect(JSON.stringify(error)).not.toContain("secret-in-plain-text");
  });
});
