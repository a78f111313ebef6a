import { describe, expect, it } from "vitest";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { blueprint } from "./support/blueprint.ts";
import { stacksOf } from "./support/stacks.ts";

/** The backend block of the platform stack. */
function backend(state: Blueprint["state"], context: string | null = null): unknown {
  const base = blueprint();
  return stacksOf({ ...base, state, cluster: { ...base.cluster, context } }).platform.terraform.backend;
}

describe("the state backend", () => {
  it("local: lies beside the output folder and outlives its deletion", () => {
    expect(backend({ backend: "local" })).toEqual({
      local: { path: "../../../.freehold/state/demo/trial/platform.tfstate" },
    });
  });

  it("s3: is encrypted and locks natively", () => {
    expect(backend({ backend: "s3", bucket: "states", region: "eu-central-1" })).toEqual({
      s3: { bucket: "states", key: "demo/trial/platform", region: "eu-central-1", encrypt: true, use_lockfile: true },
    });
  });

  it("s3: uses the key that is named", () => {
    const kmsKeyId = "alias/states";
    expect(backend({ backend: "s3", bucket: "states", region: "eu-central-1", kmsKeyId })).toMatchObject({
      s3: { kms_key_id: kmsKeyId },
    });
  });

  it("s3: asks a store that is not Amazon's for nothing that only Amazon has", () => {
    const endpoint = "https://minio.example.com";
    expect(backend({ backend: "s3", bucket: "states", region: "hall-2", endpoint })).toEqual({
      s3: {
        bucket: "states",
        key: "demo/trial/platform",
        region: "hall-2",
        encrypt: true,
        use_lockfile: true,
        endpoints: { s3: endpoint },
        use_path_style: true,
        skip_credentials_validation: true,
        skip_metadata_api_check: true,
        skip_region_validation: true,
        skip_requesting_account_id: true,
        skip_s3_checksum: true,
      },
    });
  });

  it("gcs: keeps one prefix a stack", () => {
    expect(backend({ backend: "gcs", bucket: "states" })).toEqual({
      gcs: { bucket: "states", prefix: "demo/trial/platform" },
    });
  });

  it("azurerm: keeps one blob a stack", () => {
    const state = { backend: "azurerm", resourceGroup: "ops", storageAccount: "acme", container: "states" } as const;
    expect(backend(state)).toEqual({
      azurerm: {
        resource_group_name: "ops",
        storage_account_name: "acme",
        container_name: "states",
        key: "demo/trial/platform",
      },
    });
  });

  it("pg: keeps one schema a stack and takes the connection from the environment", () => {
    expect(backend({ backend: "pg" })).toEqual({ pg: { schema_name: "demo_trial_platform" } });
  });

  it("http: locks by POST and unlocks by DELETE", () => {
    expect(backend({ backend: "http", address: "https://git.example.com/state/" })).toEqual({
      http: {
        address: "https://git.example.com/state/demo-trial-platform",
        lock_address: "https://git.example.com/state/demo-trial-platform/lock",
        lock_method: "POST",
        unlock_address: "https://git.example.com/state/demo-trial-platform/lock",
        unlock_method: "DELETE",
      },
    });
  });

  it.each([
    [null, {}],
    ["prod-eu", { config_context: "prod-eu" }],
  ])("kubernetes: uses the context of the file: %s", (context, expected) => {
    expect(backend({ backend: "kubernetes", namespace: "terraform" }, context)).toEqual({
      kubernetes: { namespace: "terraform", secret_suffix: "demo-trial-platform", ...expected },
    });
  });

  it("is another key for each stack", () => {
    const { platform, inference } = stacksOf();
    expect(inference.terraform.backend).not.toEqual(platform.terraform.backend);
  });
});

describe("the providers", () => {
  it("take the context that the file names", () => {
    const base = blueprint();
    const { inference } = stacksOf({ ...base, cluster: { ...base.cluster, context: "prod-eu" } });
    expect(inference.provider).toEqual({
      helm: [{ kubernetes: { config_context: "prod-eu" } }],
      kubernetes: [{ config_context: "prod-eu" }],
    });
  });

  it("take the cluster from the environment otherwise", () => {
    expect(stacksOf().inference.provider).toEqual({ helm: [{ kubernetes: {} }], kubernetes: [{}] });
  });

  it("are pinned, by the name that Terraform and OpenTofu both resolve", () => {
    expect(stacksOf().inference.terraform).toMatchObject({
      required_version: ">= 1.11",
      required_providers: {
        helm: { source: "hashicorp/helm", version: "3.1.1" },
        kubernetes: { source: "hashicorp/kubernetes", version: "2.38.0" },
      },
    });
  });
});
