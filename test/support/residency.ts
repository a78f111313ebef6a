import type { Config, ResidencyConfig } from "../../config/schema/index.ts";
import { catalog } from "../../decisions/catalog/index.ts";
import type { ResidencyBlueprint } from "../../decisions/residency/facts.ts";
import { decideResidency } from "../../decisions/residency/residency.ts";
import { versionContexts } from "../../decisions/version-context.ts";
import { modelConfig, stackConfig, versionConfig } from "./config.ts";

/** The day that tests take for today. */
export const today = "2026-11-25";

/** A residency section that a mode accepts as it stands: its own hub, registry and networks, and a key of its own. */
export function soundResidency(mode: ResidencyConfig["mode"], changes: Partial<ResidencyConfig> = {}): ResidencyConfig {
  const custody = (
    { none: "provider", "region-bound": "customer", sovereign: "external", "air-gapped": "local" } as const
  )[mode];
  return {
    mode,
    ...(mode === "none" ? {} : { regions: ["eu-central-1"] }),
    keys: { custody, ...(mode === "none" ? {} : { reference: "pkcs11:token=vault;object=freehold" }) },
    ...(mode === "region-bound" || mode === "sovereign"
      ? { egress: { image: "registry.example.com/envoyproxy/envoy:distroless-v1.40.0" } }
      : {}),
    sources: { registries: ["registry.example.com"], hub: "hub.example.com", networks: ["10.20.0.0/16"] },
    ...(mode === "sovereign" || mode === "air-gapped" ? { signatures: verifier } : {}),
    ...changes,
  };
}

/** What verifies signatures in the registry of `soundResidency`. */
export const verifier = {
  image: `registry.example.com/tools/model-signing@sha256:${"6d".repeat(32)}`,
  publicKeySecret: "weights-signer",
};

/** A stack whose image lies in the registry of `soundResidency`. */
export function residentStack(residency: ResidencyConfig, changes: Partial<Config> = {}): Config {
  const image = "registry.example.com/vllm/vllm-openai:v0.33.0";
  return stackConfig({
    models: { chat: modelConfig({ versions: { v1: versionConfig({ image }) } }) },
    residency,
    ...changes,
  });
}

/** What was decided about residency for a file, with its findings. */
export function decideResidencyFor(config: Config, asOf = today): ReturnType<typeof decideResidency> {
  return decideResidency(config, versionContexts(config, catalog), catalog, asOf);
}

/** Facts of a stack of this name that has one model, `chat`. */
export function residencyFacts(name: string, environment: string, residency?: ResidencyConfig): ResidencyBlueprint {
  const config = stackConfig({ name, environment, ...(residency === undefined ? {} : { residency }) });
  return decideResidencyFor(config).residency;
}
