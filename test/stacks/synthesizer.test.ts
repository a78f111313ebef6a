// The project `fork` runs all tests of this folder on cdktn, the maintained fork of cdktf, against the same goldens.
import { createRequire } from "node:module";
import packageManifest from "cdktf/package.json" with { type: "json" };
import { describe, expect, it } from "vitest";

describe("the synthesizer", () => {
  const expected = process.env.FREEHOLD_SYNTHESIZER ?? "cdktf";

  it("is the library that this run is meant for", () => {
    expect(packageManifest.name).toBe(expected);
  });

  it("is the same one for the provider bindings", () => {
    const provider = createRequire(createRequire(import.meta.url).resolve("@cdktf/provider-helm/lib/release/index.js"));
    expect(provider("cdktf/package.json")).toMatchObject({ name: expected });
  });
});
