// Proves: each rule that needs the catalog, the images or the day catches its mutants of a sound stack, itself and no other, and
// lets its near misses pass.
import type { Config, ResidencyConfig } from "../../../config/schema/index.ts";
import { modelConfig, poolConfig, stackConfig, versionConfig } from "../../support/config.ts";
import { decideResidencyFor, residentStack, soundResidency, verifier } from "../../support/residency.ts";
import { describeRules } from "../../support/rule-table.ts";

type Mode = ResidencyConfig["mode"];
const codesOf = (config: Config, asOf?: string) => decideResidencyFor(config, asOf).findings.map(({ code }) => code);
const stack =
  (mode: Mode, residency: Partial<ResidencyConfig> = {}, changes: Partial<Config> = {}, asOf?: string) =>
  () =>
    codesOf(residentStack(soundResidency(mode, residency), changes), asOf);
/** A sound stack of a mode without parts of its section. */
const without =
  (mode: Mode, ...parts: readonly (keyof ResidencyConfig)[]) =>
  () => {
    const kept = Object.entries(soundResidency(mode)).filter(([key]) => !parts.some((part) => part === key));
    return codesOf(residentStack(Object.fromEntries(kept) as ResidencyConfig));
  };
const sources = (changes: object) => ({ sources: { ...soundResidency("sovereign").sources, ...changes } });
const image = (text: string) => ({
  models: { chat: modelConfig({ versions: { v1: versionConfig({ image: text }) } }) },
});
const exception = (changes: object = {}) => ({
  rule: "public-hub" as const,
  subject: "models",
  acceptedBy: "head of platform",
  reason: "the mirror is being built",
  until: "2026-12-31",
  ...changes,
});
/** A region-bound stack whose hub is the public one, as an exception allows. */
const lifted =
  (changes: object = {}, asOf?: string) =>
  () => {
    const { sources: named, ...others } = soundResidency("region-bound");
    const { registries } = named ?? {};
    const kept = registries === undefined ? {} : { registries };
    return codesOf(residentStack({ ...others, sources: kept, exceptions: { trial: exception(changes) } }), asOf);
  };
const bucket = (region: string, kmsKeyId?: string): Partial<Config> => ({
  state: { backend: "s3", bucket: "state", region, ...(kmsKeyId === undefined ? {} : { kmsKeyId }) },
});
const zones = (...names: readonly string[]) => ({ nodePools: { h100: poolConfig({ zones: [...names] }) } });
const key = (reference: string) => ({ keys: { custody: "customer" as const, reference } });
const own = "arn:aws:kms:eu-central-1:111122223333:key/a";
const registry = "registry.example.com/vllm/vllm-openai";
/** Where the image of the way out comes from. */
const proxy = "registry.example.com/envoyproxy";
const by = (text: string) => ({ signatures: { ...verifier, image: text } });

describeRules({
  "CST-113": {
    caught: {
      "a typing error": stack("region-bound", { regions: ["eu-central-1", "eu-centrall-1"] }),
      "a place nobody knows": stack("sovereign", { regions: ["eu", "atlantis"] }),
      "what every object has": stack("region-bound", { regions: ["eu", "constructor"] }),
    },
    passed: {
      "a country": stack("region-bound", { regions: ["de"] }),
      "an area": stack("sovereign", { regions: ["eu"] }),
    },
  },
  "RES-201": {
    caught: {
      "on its day": lifted({}, "2026-12-31"),
      "a day later": lifted({}, "2027-01-01"),
      "long over": lifted({ until: "2020-01-01" }),
    },
    passed: { "the day before": lifted({}, "2026-12-30"), "for one more day": lifted({ until: "2026-11-26" }) },
  },
  "RES-202": {
    caught: {
      "a day too long": lifted({ until: "2027-05-25" }),
      "a year": lifted({ until: "2027-11-25" }),
      "for ever": lifted({ until: "9999-12-31" }),
    },
    passed: { "just short enough": lifted({ until: "2027-05-24" }), "a month": lifted() },
  },
  "RES-203": {
    caught: {
      "a hub of one's own": stack("region-bound", { exceptions: { trial: exception() } }),
      "an image that may run": stack("region-bound", {
        exceptions: { trial: exception({ rule: "public-registry", subject: "models.chat" }) },
      }),
      "keys of one's own": stack("region-bound", {
        exceptions: { trial: exception({ rule: "provider-keys", subject: "state" }) },
      }),
    },
    passed: {
      "one that is needed": lifted(),
      "keys of the provider": stack("region-bound", {
        keys: { custody: "provider" },
        exceptions: { trial: exception({ rule: "provider-keys", subject: "state" }) },
      }),
    },
  },
  "RES-204": {
    caught: {
      "another registry": stack("region-bound", {}, image("other.example.com/vllm/vllm-openai:v0.33.0")),
      "a longer host": stack("region-bound", {}, image("registry.example.com.other.test/vllm/vllm-openai:v0.33.0")),
      "no host": stack("sovereign", {}, image("vllm/vllm-openai:v0.33.0")),
      "a path beside": stack("region-bound", sources({ registries: ["registry.example.com/vll"] })),
    },
    passed: {
      "a path above": stack("region-bound", sources({ registries: ["registry.example.com/vllm", proxy] })),
      "the repository itself": stack("region-bound", sources({ registries: [registry, proxy] })),
    },
  },
  "RES-205": {
    caught: {
      "region-bound": stack("region-bound", { sources: { registries: ["registry.example.com"] } }),
      sovereign: stack("sovereign", { sources: { registries: ["registry.example.com"] } }),
      "air-gapped, with networks": stack("air-gapped", {
        sources: { registries: ["registry.example.com"], networks: ["10.20.0.0/16"] },
      }),
    },
    passed: { "an exception for a time": lifted(), none: stack("none", { sources: {} }, image("a/b:v1")) },
  },
  "RES-206": {
    caught: {
      "region-bound": stack("region-bound", {
        sources: { registries: ["registry.example.com"], hub: "hub.example.com" },
      }),
      sovereign: stack("sovereign", { sources: { registries: ["registry.example.com"], hub: "hub.example.com" } }),
      "air-gapped, only outside": stack("air-gapped", sources({ networks: ["203.0.112.0/20"] })),
    },
    passed: {
      "one address": stack("region-bound", sources({ networks: ["10.20.0.7/32"] })),
      none: stack("none", { sources: { hub: "hub.example.com" } }),
    },
  },
  "RES-207": {
    caught: {
      "a bucket": stack("region-bound", {}, bucket("eu-west-1", own)),
      "a bucket in a region nobody knows": stack("region-bound", {}, bucket("atlantis", own)),
      "a zone": stack("region-bound", {}, zones("eu-central-1a", "us-east-1b")),
      "a key": stack("region-bound", key("arn:aws:kms:us-east-1:111122223333:key/a")),
    },
    passed: {
      "a bucket inside": stack("region-bound", {}, bucket("eu-central-1", own)),
      "zones of a building": stack("region-bound", {}, zones("hall-a", "hall-b")),
      "an area around it": stack("region-bound", { regions: ["eu"] }, bucket("eu-west-1", own)),
    },
  },
  "RES-208": {
    caught: {
      "a bucket": stack("region-bound", {}, bucket("westeurope", own)),
      "a key of another cloud": stack("region-bound", key("projects/p/locations/eu-central-1/keyRings/r/cryptoKeys/k")),
      "a bucket in a region of Google": stack("region-bound", {}, bucket("europe-west3", own)),
    },
    passed: {
      "its own cloud's": stack("region-bound", {}, bucket("eu-central-1", own)),
      "a key of its own cloud": stack("region-bound", key(own)),
    },
  },
  "RES-209": {
    caught: {
      "region-bound": without("region-bound", "keys"),
      sovereign: without("sovereign", "keys"),
      "air-gapped": without("air-gapped", "keys"),
    },
    passed: {
      none: without("none", "keys"),
      "for a time": () => {
        const { keys, ...others } = soundResidency("region-bound");
        const trial = exception({ rule: "provider-keys", subject: "state" });
        return codesOf(residentStack({ ...others, exceptions: { trial } }));
      },
    },
  },
  "RES-210": {
    caught: {
      "region-bound": stack("region-bound", {}, bucket("eu-central-1")),
      sovereign: stack("sovereign", {}, bucket("eu-central-1")),
      "air-gapped": stack("air-gapped", {}, bucket("eu-central-1")),
    },
    passed: {
      "with a key": stack("region-bound", {}, bucket("eu-central-1", own)),
      "a store that is no bucket": stack("region-bound", {}, { state: { backend: "pg" } }),
    },
  },
  "RES-211": {
    caught: {
      sovereign: stack("sovereign", {}, {}, "2027-01-28"),
      "the proxy's alone": stack("sovereign", {}, {}, "2026-12-29"),
      "air-gapped": stack("air-gapped", {}, {}, "2027-01-28"),
      "an image that does not tell": stack("sovereign", {}, image("registry.example.com/own/engine:v1"), "2028-01-01"),
    },
    passed: {
      "the last day": stack("air-gapped", {}, {}, "2027-01-27"),
      "the proxy's last day": stack("sovereign", {}, {}, "2026-12-28"),
      "region-bound": stack("region-bound", {}, {}, "2027-01-28"),
    },
  },
  "RES-212": {
    caught: {
      "region-bound": stack("region-bound", {}, image(`${registry}:v0.31.9`)),
      sovereign: stack("sovereign", {}, image(`${registry}:v0.31.9`)),
      "long below": stack("region-bound", {}, image(`${registry}:v0.9.0`)),
      "with how it was built": stack("region-bound", {}, image(`${registry}:v0.31.9-cu130`)),
      "the way out": stack("region-bound", {
        egress: { image: "registry.example.com/envoyproxy/envoy:distroless-v1.39.0" },
      }),
      "of which none is clear": stack("region-bound", {}, image("registry.example.com/lmsysorg/sglang:v0.5.21")),
    },
    passed: {
      "the first that is clear": stack("region-bound", {}, image(`${registry}:v0.32.0`)),
      "without a mode": () => codesOf(stackConfig(image("docker.io/vllm/vllm-openai:v0.31.9"))),
    },
  },
  "RES-221": {
    caught: {
      sovereign: without("sovereign", "signatures"),
      "air-gapped": without("air-gapped", "signatures"),
      "although the hub is one's own": stack("sovereign", { signatures: undefined } as never),
    },
    passed: { "region-bound": without("region-bound", "signatures"), "somebody does": stack("sovereign") },
  },
  "RES-222": {
    caught: {
      "another registry": stack("sovereign", by(verifier.image.replace("registry.", "other."))),
      "a longer host": stack("sovereign", by(verifier.image.replace("example.com/", "example.com.other.test/"))),
      "no host": stack("region-bound", by(verifier.image.replace("registry.example.com/", ""))),
    },
    passed: {
      "a path below": stack("sovereign", by(verifier.image.replace("tools/", "more/tools/"))),
      "any, where none is named": stack("none", { ...by(verifier.image.replace("registry.", "other.")), sources: {} }),
    },
  },
});
