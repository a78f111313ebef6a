// Proves: what speaks against deploying a file for the sake of its residency, where the catalog, the lock's images or the day
// are needed to tell.
import { describe, expect, it } from "vitest";
import type { Config, ResidencyConfig } from "../../../config/schema/index.ts";
import { modelConfig, poolConfig, stackConfig, versionConfig } from "../../support/config.ts";
import { decideResidencyFor, residentStack, soundResidency, verifier } from "../../support/residency.ts";

const codesOf = (config: Config, asOf?: string) => decideResidencyFor(config, asOf).findings.map(({ code }) => code);
const modes = ["none", "region-bound", "sovereign", "air-gapped"] as const;

const exception = (changes: object = {}) => ({
  rule: "public-hub" as const,
  subject: "models",
  acceptedBy: "head of platform",
  reason: "the mirror is being built",
  until: "2026-12-31",
  ...changes,
});

/** A region-bound stack without the parts named, and with an exception. */
function excepted(missing: "hub" | "registries" | "keys", changes: object): Config {
  const { keys, sources, ...others } = soundResidency("region-bound");
  const { hub, registries, networks } = sources ?? {};
  const residency: ResidencyConfig = {
    ...others,
    ...(missing === "keys" || keys === undefined ? {} : { keys }),
    sources: {
      ...(missing === "hub" || hub === undefined || networks === undefined ? {} : { hub, networks }),
      ...(missing === "registries" || registries === undefined ? {} : { registries }),
    },
    exceptions: {
      trial: exception(changes),
      // The proxy's image needs one of its own, which outlasts the others here.
      ...(missing === "registries"
        ? { proxy: exception({ rule: "public-registry", subject: "residency.egress", until: "2027-01-31" }) }
        : {}),
    },
  };
  return residentStack(residency);
}

it.each(modes)("has nothing against a stack that gives %s all it asks for", (mode) => {
  expect(codesOf(residentStack(soundResidency(mode)))).toEqual([]);
});

it("has nothing against a stack without the section", () => {
  expect(codesOf(stackConfig())).toEqual([]);
});

it.each(["region-bound", "sovereign", "air-gapped"] as const)("asks for hub, keys and registry under %s", (mode) => {
  const regions = mode === "air-gapped" ? {} : { regions: ["eu"] };
  // Two images: the engine's and, where there is one, the proxy's.
  const images = mode === "air-gapped" ? ["RES-204"] : ["RES-204", "RES-204"];
  // From sovereign up somebody verifies signatures as well.
  const signatures = mode === "region-bound" ? [] : ["RES-221"];
  expect(codesOf(stackConfig({ residency: { mode, ...regions } }))).toEqual([
    "RES-205",
    "RES-209",
    ...images,
    ...signatures,
  ]);
});

describe("signatures of weights", () => {
  const without = (mode: (typeof modes)[number]) => {
    const { signatures, ...others } = soundResidency(mode);
    return residentStack(others);
  };
  const by = (image: string) => residentStack(soundResidency("sovereign", { signatures: { ...verifier, image } }));

  it.each([
    ["none", []],
    ["region-bound", []],
    ["sovereign", ["RES-221"]],
    ["air-gapped", ["RES-221"]],
  ] as const)("are verified by nobody under %s", (mode, expected) => expect(codesOf(without(mode))).toEqual(expected));

  it.each([
    [verifier.image, []],
    [verifier.image.replace("registry.", "other."), ["RES-222"]],
    [verifier.image.replace("example.com/", "example.com.other.test/"), ["RES-222"]],
    [verifier.image.replace("registry.example.com", "docker.io"), ["RES-222"]],
    [verifier.image.replace("tools/", "more/tools/"), []],
  ])("are verified by %s", (image, expected) => expect(codesOf(by(image))).toEqual(expected));

  it("tell where the allowed registries stand", () => {
    const [found] = decideResidencyFor(by("docker.io/a/b@sha256:".concat("5f".repeat(32)))).findings;
    expect(found?.also).toEqual([
      { path: ["residency", "sources", "registries"], text: "the allowed registries are named here" },
    ]);
  });
});

describe("sources", () => {
  it("asks where the hub stands", () => {
    const { sources, ...others } = soundResidency("region-bound");
    const { networks, ...rest } = sources ?? {};
    expect(networks).toBeDefined();
    expect(codesOf(residentStack({ ...others, sources: rest }))).toEqual(["RES-206"]);
  });

  it.each([
    ["registry.example.com/vllm/vllm-openai", []],
    ["registry.example.com/vllm", []],
    ["registry.example.com/vll", ["RES-204"]],
    ["other.example.com", ["RES-204"]],
  ])("holds images against %s", (registry, expected) => {
    const residency = soundResidency("none", { sources: { registries: [registry] } });
    expect(codesOf(residentStack(residency))).toEqual(expected);
  });
});

describe("an exception", () => {
  it.each<readonly [string, "hub" | "registries" | "keys", object]>([
    ["for the public hub", "hub", {}],
    ["for a public registry", "registries", { rule: "public-registry", subject: "models.chat.versions.v1" }],
    ["for keys of the provider", "keys", { rule: "provider-keys", subject: "state" }],
  ])("%s lifts what it names, and ends", (_, missing, changes) => {
    expect(codesOf(excepted(missing, changes))).toEqual([]);
    expect(codesOf(excepted(missing, changes), "2026-12-30")).toEqual([]);
    expect(codesOf(excepted(missing, changes), "2026-12-31")).toEqual(["RES-201"]);
  });

  it("lifts nothing for another subject", () => {
    const other = { rule: "public-registry", subject: "models.other" };
    expect(codesOf(excepted("registries", other))).toEqual(["RES-204", "RES-203"]);
  });

  it("lifts nothing from sovereign up, whatever it says", () => {
    const config = excepted("hub", {});
    const residency = { ...config.residency, mode: "sovereign" } as ResidencyConfig;
    expect(codesOf({ ...config, residency })).toContain("RES-205");
  });

  it.each([
    ["2027-05-24", []],
    ["2027-05-25", ["RES-202"]],
  ])("may last until %s", (until, expected) => expect(codesOf(excepted("hub", { until }))).toEqual(expected));

  it("is told when nothing needs it", () => {
    expect(codesOf(residentStack(soundResidency("region-bound", { exceptions: { trial: exception() } })))).toEqual([
      "RES-203",
    ]);
  });

  it("is among the facts, so that every explanation lists it", () => {
    const { exceptions } = decideResidencyFor(excepted("hub", {})).residency;
    expect(exceptions).toEqual([{ name: "trial", ...exception() }]);
  });
});

describe("an engine", () => {
  const below = (mode: ResidencyConfig["mode"]) => {
    const image = "registry.example.com/vllm/vllm-openai:v0.31.9";
    const models = { chat: modelConfig({ versions: { v1: versionConfig({ image }) } }) };
    return residentStack(soundResidency(mode), { models });
  };

  it.each([
    ["none", []],
    ["region-bound", ["RES-212"]],
    ["sovereign", ["RES-212"]],
  ] as const)("with a published advisory under %s", (mode, expected) => expect(codesOf(below(mode))).toEqual(expected));

  it("is told which release has none", () => {
    expect(decideResidencyFor(below("sovereign")).findings[0]?.fix).toContain("vllm-openai:v0.33.0");
  });

  it.each([
    ["region-bound", "2027-01-28", []],
    ["sovereign", "2026-12-28", []],
    // Envoy's were looked at a month before those of vLLM; a building has no way out that needs it.
    ["sovereign", "2026-12-29", ["RES-211"]],
    ["sovereign", "2027-01-28", ["RES-211", "RES-211"]],
    ["air-gapped", "2027-01-27", []],
    ["air-gapped", "2027-01-28", ["RES-211"]],
  ] as const)("whose advisories were last looked at long ago, under %s on %s", (mode, day, expected) => {
    expect(codesOf(residentStack(soundResidency(mode)), day)).toEqual(expected);
  });
});

describe("a place", () => {
  const bucket = (region: string, kmsKeyId?: string): Partial<Config> => ({
    state: { backend: "s3", bucket: "state", region, ...(kmsKeyId === undefined ? {} : { kmsKeyId }) },
  });
  const own = "arn:aws:kms:eu-central-1:111122223333:key/a";

  it.each<readonly [string, Partial<Config>, readonly string[]]>([
    ["a bucket inside", bucket("eu-central-1", own), []],
    ["a bucket in another region", bucket("eu-west-1", own), ["RES-207"]],
    ["a bucket in a region of another cloud", bucket("westeurope", own), ["RES-208"]],
    ["a bucket in a region nobody knows", bucket("atlantis", own), ["RES-207"]],
    ["a bucket without a key", bucket("eu-central-1"), ["RES-210"]],
    ["zones inside", { nodePools: { h100: poolConfig({ zones: ["eu-central-1a", "eu-central-1b"] }) } }, []],
    ["a zone outside", { nodePools: { h100: poolConfig({ zones: ["eu-central-1a", "us-east-1b"] }) } }, ["RES-207"]],
    ["zones of a building", { nodePools: { h100: poolConfig({ zones: ["hall-a", "hall-b"] }) } }, []],
  ])("%s", (_, changes, expected) => {
    expect(codesOf(residentStack(soundResidency("region-bound"), changes))).toEqual(expected);
  });

  it.each([
    ["arn:aws:kms:us-east-1:111122223333:key/a", ["RES-207"]],
    ["projects/p/locations/eu-central-1/keyRings/r/cryptoKeys/k", ["RES-208"]],
    ["arn:aws:kms:eu-central-1:111122223333:key/a", []],
  ])("of the key %s", (reference, expected) => {
    const residency = soundResidency("region-bound", { keys: { custody: "customer", reference } });
    expect(codesOf(residentStack(residency))).toEqual(expected);
  });

  it("is not asked for where nothing is bound", () => {
    expect(codesOf(residentStack(soundResidency("none"), bucket("us-east-1")))).toEqual([]);
  });
});
