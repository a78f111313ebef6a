// Proves that every attribute and block the stacks write exists in the providers' schemas, in the nesting they ask
// for. It does not prove what a provider or a cluster does with them.
import { describe, expect, it } from "vitest";
import type { TerraformJson } from "../../stacks/build.ts";
import { blueprint, model, release } from "./support/blueprint.ts";
import { schemaFaults } from "./support/provider-schema.ts";
import { stacksOf } from "./support/stacks.ts";

/** A Blueprint that makes every construct write everything it can write. */
const everything = blueprint({
  cluster: {
    target: "existing",
    context: "prod-eu",
    uid: null,
    weightsStorageClass: "fast",
    kubernetes: { min: "1.34", max: "1.36" },
  },
  state: { backend: "kubernetes", namespace: "terraform" },
  models: {
    chat: model(
      "chat",
      release("chat", "v1", {
        weights: { tokenSecret: "hub", files: [{ name: "config.json", bytes: 700, sha256: null }] },
      }),
      release("chat", "v2"),
    ),
  },
});

type Json = Record<string, never>;

/** Faults of the inference stack after `change` has broken its fetch Job, release or claim. */
function faultsAfter(type: string, change: (body: Json) => void): string[] {
  const { inference } = stacksOf();
  const [id, body] = Object.entries(inference.resource[type] ?? {})[0] ?? [];
  change(body as unknown as Json);
  return schemaFaults(inference).map((fault) => fault.replace(`${id}`, "<id>"));
}

describe("what the stacks write", () => {
  it.each(["platform", "inference"] as const)("exists in the providers' schemas: %s", (name) => {
    expect(schemaFaults(stacksOf(everything)[name])).toEqual([]);
    expect(schemaFaults(stacksOf()[name])).toEqual([]);
  });
});

describe("the checker", () => {
  it("rejects an attribute that does not exist", () => {
    expect(faultsAfter("helm_release", (body) => Object.assign(body, { atomicc: true }))).toEqual([
      "helm_release.<id>.atomicc: unknown",
    ]);
  });

  it("rejects an attribute that does not exist deep inside a block", () => {
    const faults = faultsAfter("kubernetes_job_v1", (body) =>
      Object.assign((body as unknown as JobBody).spec.template.spec, { host_users: false }),
    );
    expect(faults).toEqual(["kubernetes_job_v1.<id>.spec.template.spec.host_users: unknown"]);
  });

  it("rejects a missing required attribute", () => {
    expect(faultsAfter("helm_release", (body) => Reflect.deleteProperty(body, "chart"))).toEqual([
      "helm_release.<id>.chart: missing",
    ]);
  });

  it("rejects a missing required block", () => {
    expect(
      faultsAfter("kubernetes_persistent_volume_claim_v1", (body) => Reflect.deleteProperty(body, "spec")),
    ).toEqual(["kubernetes_persistent_volume_claim_v1.<id>.spec: missing"]);
  });

  it("rejects a read-only attribute that is set", () => {
    expect(faultsAfter("helm_release", (body) => Object.assign(body, { manifest: "{}" }))).toEqual([
      "helm_release.<id>.manifest: read-only",
    ]);
  });

  it("rejects a scalar where a block belongs", () => {
    expect(faultsAfter("kubernetes_config_map_v1", (body) => Object.assign(body, { metadata: "name" }))).toEqual([
      "kubernetes_config_map_v1.<id>.metadata: a block is expected",
    ]);
  });

  it("rejects a block where an attribute belongs", () => {
    expect(faultsAfter("helm_release", (body) => Object.assign(body, { timeout: { seconds: 1 } }))).toEqual([
      "helm_release.<id>.timeout: a number is expected",
    ]);
  });

  it("rejects more blocks than the schema allows", () => {
    expect(faultsAfter("kubernetes_service_v1", (body) => Object.assign(body, { metadata: [{}, {}] }))).toEqual([
      "kubernetes_service_v1.<id>.metadata: at most 1",
    ]);
  });

  it("rejects a list where a nested attribute takes one object", () => {
    const { inference } = stacksOf();
    const broken = { ...inference, provider: { ...inference.provider, helm: [{ kubernetes: [{}] }] } } as TerraformJson;
    expect(schemaFaults(broken)).toEqual(["provider.helm.kubernetes: one object is expected"]);
  });

  it("rejects an element of the wrong type in a map", () => {
    const faults = faultsAfter("kubernetes_config_map_v1", (body) => Object.assign(body, { data: { a: 1 } }));
    expect(faults).toEqual(["kubernetes_config_map_v1.<id>.data.a: a string is expected"]);
  });

  it("rejects a resource type that no provider has", () => {
    const { platform } = stacksOf();
    expect(schemaFaults({ ...platform, resource: { kubernetes_namespace: {} } })).toEqual([
      "kubernetes_namespace: unknown",
    ]);
  });
});

interface JobBody {
  readonly spec: { readonly template: { readonly spec: object } };
}
