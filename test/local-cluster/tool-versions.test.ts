// Proves: which versions of programs on PATH may stand in for the pinned ones. Written against the pins of today.
import { describe, expect, it } from "vitest";
import { toolNames } from "../../local-cluster/tool-modules.ts";
import { acceptedVersions, isAcceptable, parseVersion, versionArguments } from "../../local-cluster/tool-versions.ts";

const version = (text: string) => {
  const found = parseVersion(text);
  if (found === undefined) throw new Error(`${text} holds no version`);
  return found;
};

describe("a version in a text", () => {
  it.each([
    ["Kubernetes v1.35.4", { major: 1, minor: 35, patch: 4 }],
    ["etcd Version: 3.6.5\nGit SHA: a1b2c3\nGo Version: go1.26.8", { major: 3, minor: 6, patch: 5 }],
    ["v3.19.0+g99cd196", { major: 3, minor: 19, patch: 0 }],
    ["1.26", { major: 1, minor: 26, patch: 0 }],
    ["version v1.2.3-rc.1", { major: 1, minor: 2, patch: 3 }],
  ])("is read from %j", (text, expected) => {
    expect(parseVersion(text)).toEqual(expected);
  });

  it.each(["", "unknown", "v2", "commit 4f3e"])("is missing in %j", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

describe("a program on PATH", () => {
  it.each([
    ["kube-apiserver", "1.35.0", "1.35.4", true],
    ["kube-apiserver", "1.34.9", "1.35.4", false],
    ["kube-scheduler", "1.36.0", "1.35.4", false],
    ["kubectl", "1.34.0", "1.35.4", true],
    ["kubectl", "1.36.0", "1.35.4", true],
    ["kubectl", "1.33.0", "1.35.4", false],
    ["etcd", "3.6.0", "3.6.5", true],
    ["etcd", "3.5.9", "3.6.5", false],
    ["helm", "3.18.0", "3.19.0", true],
    ["helm", "3.17.9", "3.19.0", false],
    ["helm", "4.0.0", "3.19.0", false],
    ["kwok", "1.7.0", "0.7.0", false],
  ] as const)("%s %s where %s is pinned is taken: %s", (tool, found, pinned, taken) => {
    expect(isAcceptable(tool, version(found), version(pinned))).toBe(taken);
  });

  it.each(toolNames)("called %s is taken in the version that a message asks for", (tool) => {
    const [asked = ""] = acceptedVersions(tool).split(" ");
    expect(isAcceptable(tool, version(asked))).toBe(true);
    expect(versionArguments[tool].length).toBeGreaterThan(0);
  });

  it("may be a kubectl one minor version away on either side, as the message says", () => {
    expect(acceptedVersions("kubectl")).toMatch(/^1\.\d+ to 1\.\d+$/);
    const [oldest = "", newest = ""] = acceptedVersions("kubectl").split(" to ");
    expect(version(newest).minor - version(oldest).minor).toBe(2);
  });
});
