// Makes test/stacks/provider-schemas.json from what `terraform providers schema -json` prints:
//   node test/support/reduce-provider-schemas.mjs FILE... && npx biome format --write test/stacks/provider-schemas.json
// Kept are the resource types that the stacks use, and of each attribute and block what Terraform checks.
import { readFileSync, writeFileSync } from "node:fs";

const used = {
  "registry.terraform.io/hashicorp/helm": ["helm_release"],
  "registry.terraform.io/hashicorp/kubernetes": [
    "kubernetes_config_map_v1",
    "kubernetes_job_v1",
    "kubernetes_limit_range_v1",
    "kubernetes_namespace_v1",
    "kubernetes_network_policy_v1",
    "kubernetes_persistent_volume_claim_v1",
    "kubernetes_priority_class_v1",
    "kubernetes_resource_quota_v1",
    "kubernetes_service_account_v1",
    "kubernetes_service_v1",
  ],
  "terraform.io/builtin/terraform": ["terraform_data"],
};

function reduceAttribute({ type, nested_type: nested, required, optional, computed }) {
  const access = required ? "required" : optional ? "optional" : computed ? "read-only" : "optional";
  if (nested === undefined) return { access, type };
  return { access, nesting: nested.nesting_mode, attributes: mapValues(nested.attributes, reduceAttribute) };
}

function mapValues(object, change) {
  return Object.fromEntries(
    Object.keys(object ?? {})
      .sort()
      .map((key) => [key, change(object[key])]),
  );
}

function reduceBlock({ attributes, block_types: blocks }) {
  return {
    attributes: mapValues(attributes, reduceAttribute),
    blocks: mapValues(blocks, ({ nesting_mode: nesting, min_items: min = 0, max_items: max = 0, block }) => ({
      nesting,
      min,
      max,
      ...reduceBlock(block),
    })),
  };
}

const schemas = Object.assign(
  {},
  ...process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf8")).provider_schemas),
);
const result = {
  origin:
    "terraform providers schema -json, Terraform 1.11.4, hashicorp/kubernetes 2.38.0 and hashicorp/helm 3.1.1, read 2026-11-23; reduced by test/support/reduce-provider-schemas.mjs",
  providers: mapValues(used, (types) => types),
};
for (const [address, types] of Object.entries(used)) {
  const { provider, resource_schemas: resources } = schemas[address];
  result.providers[address] = {
    provider: reduceBlock(provider?.block ?? {}),
    resources: Object.fromEntries(types.map((type) => [type, reduceBlock(resources[type].block)])),
  };
}
writeFileSync(new URL("../stacks/provider-schemas.json", import.meta.url), `${JSON.stringify(result)}\n`);
