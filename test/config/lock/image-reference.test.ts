import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lockedImageKey, parseChartReference, parseImageReference } from "../../../config/lock/image-reference.ts";
import { digestOf } from "../../support/lock.ts";

describe("an image reference", () => {
  it.each([
    ["vllm/vllm-openai:v0.11.0", "docker.io/vllm/vllm-openai:v0.11.0"],
    ["busybox:1.37", "docker.io/library/busybox:1.37"],
    ["docker.io/busybox:1.37", "docker.io/library/busybox:1.37"],
    ["index.docker.io/vllm/vllm-openai:v1", "docker.io/vllm/vllm-openai:v1"],
    ["localhost/engine:v1", "localhost/engine:v1"],
    ["localhost:5000/engine:v1", "localhost:5000/engine:v1"],
    ["registry.example.com:5000/a/b/c:v1", "registry.example.com:5000/a/b/c:v1"],
    ["[::1]:5000/engine:v1", "[::1]:5000/engine:v1"],
    [`ghcr.io/acme/engine@${digestOf("a")}`, `ghcr.io/acme/engine@${digestOf("a")}`],
    [`acme/engine:v1@${digestOf("a")}`, `docker.io/acme/engine:v1@${digestOf("a")}`],
    [`acme/engine:latest@${digestOf("a")}`, `docker.io/acme/engine:latest@${digestOf("a")}`],
  ])("%s is kept in the lock as %s", (written, key) => {
    expect(lockedImageKey(written)).toBe(key);
  });

  it("keeps its spelling once it is in the lock's form", () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join("/"));
    const host = fc.constantFrom("", "ghcr.io/", "localhost:5000/", "docker.io/");
    const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/).filter((text) => text !== "latest");
    fc.assert(
      fc.property(host, path, tag, (registry, repository, version) => {
        const key = lockedImageKey(`${registry}${repository}:${version}`);
        expect(key).not.toBeNull();
        expect(lockedImageKey(key ?? "")).toBe(key);
      }),
    );
  });

  it.each([
    ["vllm/vllm-openai", "unversioned"],
    ["registry.example.com:5000/engine", "unversioned"],
    ["vllm/vllm-openai:latest", "latest"],
    ["", "unreadable"],
    ["acme/Engine:v1", "unreadable"],
    ["acme//engine:v1", "unreadable"],
    ["acme/engine:", "unreadable"],
    ["acme/engine:v1:v2", "unreadable"],
    ["acme/engine@sha256:abc", "unreadable"],
    [`acme/engine@${digestOf("a")}@${digestOf("b")}`, "unreadable"],
    [`acme/engine@sha512:${"a".repeat(128)}`, "unreadable"],
    ["-bad-.example.com/engine:v1", "unreadable"],
    ["acme/../engine:v1", "unreadable"],
    [`acme/${"a".repeat(255)}:v1`, "unreadable"],
    ["https://ghcr.io/acme/engine:v1", "unreadable"],
  ])("rejects `%s` as %s", (written, kind) => {
    expect(parseImageReference(written).problem?.kind).toBe(kind);
  });

  it("rejects any other text without an exception", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { reference, problem } = parseImageReference(text);
        expect((reference === null) !== (problem === null)).toBe(true);
      }),
    );
  });
});

describe("a chart reference", () => {
  it("is asked for under its version as a tag, where `+` is not allowed", () => {
    expect(parseChartReference("oci://ghcr.io/acme/charts/db:1.2.3+4").reference).toEqual({
      registry: "ghcr.io",
      repository: "acme/charts/db",
      tag: "1.2.3_4",
      digest: null,
    });
  });

  it.each(["ghcr.io/acme/db:1.2.3", "oci://acme/db:1.2.3", "oci://ghcr.io/acme/db"])("rejects `%s`", (text) => {
    expect(parseChartReference(text).reference).toBeNull();
  });
});
