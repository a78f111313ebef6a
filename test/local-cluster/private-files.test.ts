// Proves: what the local cluster writes can be read by its owner only, and is whole or not there.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makePrivateFolder, readIfThere, writePrivateFile } from "../../local-cluster/private-files.ts";

let root = "";
const at = (name: string) => path.join(root, name);
const mode = (name: string) => statSync(at(name)).mode & 0o777;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "freehold-private-"));
});
afterEach(() => rmSync(root, { recursive: true }));

describe("a private folder", () => {
  it("is made with the folders above it, and closed to others when it was open", () => {
    makePrivateFolder(at("a/b"));
    expect([mode("a"), mode("a/b")]).toEqual([0o700, 0o700]);
    chmodSync(at("a/b"), 0o755);
    makePrivateFolder(at("a/b"));
    expect(mode("a/b")).toBe(0o700);
  });
});

describe("a private file", () => {
  it("is written for its owner alone, and nothing lies beside it", () => {
    writePrivateFile(at("secret"), "one");
    writePrivateFile(at("secret"), "two");
    expect([readFileSync(at("secret"), "utf8"), mode("secret"), readdirSync(root)]).toEqual(["two", 0o600, ["secret"]]);
  });

  it("stays untouched when it has the text already", () => {
    writePrivateFile(at("secret"), "one");
    const before = statSync(at("secret"));
    writePrivateFile(at("secret"), "one");
    const after = statSync(at("secret"));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  it("is closed to others when it was open, even if its text is right", () => {
    writeFileSync(at("secret"), "one", { mode: 0o644 });
    writePrivateFile(at("secret"), "one");
    expect(mode("secret")).toBe(0o600);
  });

  it("leaves nothing half written when it cannot be put in place", () => {
    mkdirSync(at("secret/inner"), { recursive: true });
    expect(() => writePrivateFile(at("secret"), "one")).toThrow("EISDIR");
    expect(readdirSync(root)).toEqual(["secret"]);
  });
});

describe("reading a file", () => {
  it("gives nothing where there is none, and does not hide another fault", () => {
    expect(readIfThere(at("missing"))).toBeUndefined();
    expect(() => readIfThere(root)).toThrow("EISDIR");
  });
});
