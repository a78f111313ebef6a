// Proves: which releases of a component count as open, that a floor which an advisory raises refuses what passed before and
// names what to take instead, and that what a cluster runs is held against the same floors.
import { describe, expect, it } from "vitest";
import { belowFloor, softwareIn, type Workload } from "../../cli/cluster/cluster-software.ts";
import { type Catalog, catalog } from "../../decisions/catalog/index.ts";
import { floorFacts } from "../../decisions/residency/floors.ts";
import { decideResidency } from "../../decisions/residency/residency.ts";
import { versionContexts } from "../../decisions/version-context.ts";
import { compareReleases, imageRelease, isBelowFloor, proposedImage } from "../../decisions/version-floor.ts";
import { blueprintFor } from "../support/blueprint.ts";
import { residentStack, soundResidency, today } from "../support/residency.ts";

describe("a release", () => {
  it.each([
    ["docker.io/vllm/vllm-openai:v0.31.9", true],
    ["docker.io/vllm/vllm-openai:v0.32.0", false],
    ["registry.example.com/mirror/vllm-openai:0.33.0-cu130", false],
    ["registry.example.com/mirror/vllm-openai:nightly", false],
    ["docker.io/lmsysorg/sglang:v0.5.21", true],
    ["docker.io/envoyproxy/envoy:distroless-v1.39.0", true],
    ["registry.example.com/mirror/envoy:v1.36.10", false],
    ["docker.io/envoyproxy/envoy:v1.37.5", true],
    ["docker.io/envoyproxy/envoy:distroless-v1.40.0", false],
    ["docker.io/envoyproxy/gateway:v1.7.3", true],
    ["docker.io/envoyproxy/gateway:v1.7.4", false],
    ["docker.io/envoyproxy/gateway:v1.8.0", true],
    ["docker.io/envoyproxy/gateway:v1.8.1", false],
    ["docker.io/envoyproxy/gateway:v1.9.0", false],
    ["quay.io/oauth2-proxy/oauth2-proxy:v7.15.4", true],
    ["quay.io/oauth2-proxy/oauth2-proxy:v7.15.5", false],
    ["nvcr.io/nvidia/k8s/container-toolkit:v1.17.7-ubuntu20.04", true],
    ["nvcr.io/nvidia/k8s/container-toolkit:v1.17.8-ubuntu20.04", false],
    ["registry.k8s.io/ingress-nginx/controller:v1.15.9@sha256:abc", true],
  ])("of %s is open: %s", (image, isOpen) => {
    const known = imageRelease(image, catalog.floors);
    expect(known).not.toBeNull();
    expect(known !== null && isBelowFloor(known)).toBe(isOpen);
  });

  it.each(["registry.test/team/inference:v0.1.0", "registry.test:5000/controller:v1", "a/not-sglang:v0.1.0"])(
    "of somebody's own image is none: %s",
    (image) => expect(imageRelease(image, catalog.floors)).toBeNull(),
  );

  it("is compared by numbers, not by letters", () => {
    expect(compareReleases("0.9.0", "0.10.0")).toBeLessThan(0);
    expect(compareReleases("1.0.0", "0.99.99")).toBeGreaterThan(0);
    expect(compareReleases("1.2.3", "1.2.3")).toBe(0);
  });
});

/** The catalog on the day after somebody published an advisory against everything before 0.34.2. */
const raised = (): Catalog => {
  const { vllm } = catalog.floors;
  if (vllm === undefined) throw new Error("the engine has no floor");
  const floor = { ...vllm, clear: { since: ["0.34.2"] as const }, advisories: ["CVE-2026-999999"] };
  return { ...catalog, floors: { ...catalog.floors, vllm: floor } };
};

describe("a floor that a new advisory raises", () => {
  const config = residentStack(soundResidency("region-bound"));
  const found = (known: Catalog) => decideResidency(config, versionContexts(config, known), known, today).findings;

  it("refuses what passed the day before, names the advisory, and proposes a release that is clear", () => {
    expect(found(catalog)).toEqual([]);
    const [finding, ...more] = found(raised());
    expect(more).toEqual([]);
    expect(finding?.code).toBe("RES-212");
    expect(finding?.why).toContain("CVE-2026-999999");
    expect(finding?.fix).toContain("docker.io/vllm/vllm-openai:v0.34.2");
  });

  it("is no proposal where no release is clear", () => {
    const { sglang } = catalog.floors;
    if (sglang === undefined) throw new Error("SGLang has no entry");
    expect(proposedImage("docker.io/lmsysorg/sglang:v0.5.21", { sglang })).toBeNull();
    expect(proposedImage(catalog.engines.vllm.image, catalog.floors)).toBe(catalog.engines.vllm.image);
  });
});

describe("floors in the evidence", () => {
  it("are those of what runs, with the day somebody looked", () => {
    expect(floorFacts(blueprintFor(), catalog)).toEqual([
      expect.objectContaining({
        component: "vllm",
        clear: "0.32.0",
        verifiedOn: "2026-10-29",
        images: { "docker.io/vllm/vllm-openai:v0.33.0": "0.33.0" },
      }),
    ]);
  });
});

describe("software of a cluster", () => {
  const workload = (name: string, ...images: string[]): Workload => ({
    kind: "DaemonSet",
    metadata: { name, namespace: "gpu-operator" },
    spec: { template: { spec: { initContainers: [], containers: images.map((image) => ({ image })) } } },
  });
  const software = softwareIn(
    [
      workload("toolkit", "nvcr.io/nvidia/k8s/container-toolkit:v1.17.6-ubuntu20.04"),
      workload("newer", "nvcr.io/nvidia/k8s/container-toolkit:v1.18.0"),
      workload("by-digest", "nvcr.io/nvidia/k8s/container-toolkit@sha256:abc"),
      workload("other", "registry.k8s.io/pause:3.10"),
    ],
    catalog.floors,
  );

  it("is clear, open, or not known by its tag", () => {
    expect(software.map(({ workload: name, isClear }) => [name, isClear])).toEqual([
      ["DaemonSet gpu-operator/by-digest", null],
      ["DaemonSet gpu-operator/newer", true],
      ["DaemonSet gpu-operator/toolkit", false],
    ]);
  });

  it("is told where it is open, with what is clear (RUN-161)", () => {
    const [finding, ...more] = belowFloor("prod", software, catalog.floors);
    expect(more).toEqual([]);
    expect(finding?.code).toBe("RUN-161");
    expect(finding?.fix).toBe("Update the NVIDIA Container Toolkit; clear is newer than 1.17.7.");
  });
});
