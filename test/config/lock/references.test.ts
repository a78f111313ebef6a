import { describe, expect, it } from "vitest";
import { references } from "../../../config/lock/references.ts";
import { stackOf } from "../../support/lock.ts";

const defaults = { image: (engine: string) => `acme/${engine}:v1`, egressProxy: "acme/proxy:v1" };

describe("what a stack file needs locked", () => {
  it("is each image and each model revision once, under the lock's keys", () => {
    const config = stackOf({
      a: { image: "ghcr.io/acme/engine:v2", revision: "main" },
      b: { image: "ghcr.io/acme/engine:v2", revision: "v1.0" },
      c: { revision: "main" },
    });
    const { images, weights, charts, findings } = references(config, defaults, ["oci://ghcr.io/acme/db:1.0.0"]);
    expect(findings).toEqual([]);
    expect(images).toEqual(["docker.io/acme/vllm:v1", "ghcr.io/acme/engine:v2"]);
    expect(weights.map(({ key }) => key)).toEqual(["acme/chat@main", "acme/chat@v1.0"]);
    expect(charts).toEqual(["oci://ghcr.io/acme/db:1.0.0"]);
  });

  it("is the proxy's image as well, where there is one", () => {
    const config = stackOf({ a: { image: "ghcr.io/acme/engine:v2" } });
    const images = (residency: typeof config.residency) => references({ ...config, residency }, defaults);
    expect(images({ mode: "air-gapped" }).images).toEqual(["ghcr.io/acme/engine:v2"]);
    expect(images({ mode: "sovereign" }).images).toContain("docker.io/acme/proxy:v1");
    const own = images({ mode: "none", egress: { image: "ghcr.io/acme/proxy:v3" } });
    expect(own.images).toContain("ghcr.io/acme/proxy:v3");
    expect(own.places.get("ghcr.io/acme/proxy:v3")).toEqual(["residency", "egress", "image"]);
    expect(images({ mode: "none", egress: { image: "acme/proxy" } }).findings.map(({ code }) => code)).toEqual([
      "LCK-212",
    ]);
  });

  it("knows where the file first asks for each", () => {
    const { places } = references(stackOf({ a: { image: "ghcr.io/acme/engine:v2" }, b: {} }), defaults);
    expect(places.get("ghcr.io/acme/engine:v2")).toEqual(["models", "chat", "versions", "a", "image"]);
    expect(places.get("docker.io/acme/vllm:v1")).toEqual(["models", "chat", "engine"]);
    expect(places.get("acme/chat@main")).toEqual(["models", "chat", "versions", "a", "weights", "repository"]);
  });

  it.each([
    ["acme/Engine:v1", "LCK-211"],
    ["acme/engine", "LCK-212"],
    ["acme/engine:latest", "LCK-213"],
  ])("rejects the image `%s` at its key with %s and keeps the rest", (image, code) => {
    const { images, weights, findings } = references(stackOf({ a: { image } }), defaults);
    expect(findings.map((finding) => [finding.code, finding.place])).toEqual([
      [code, { file: "stack", path: ["models", "chat", "versions", "a", "image"], token: "value" }],
    ]);
    expect(images).toEqual([]);
    expect(weights).toHaveLength(1);
  });

  it("rejects a chart that is no oci reference", () => {
    const { charts, findings } = references(stackOf({ a: {} }), defaults, ["https://charts.example.com/db:1.0.0"]);
    expect(charts).toEqual([]);
    expect(findings.map(({ code }) => code)).toEqual(["LCK-211"]);
  });
});
