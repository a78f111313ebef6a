import type {
  Blueprint,
  EgressProxyBlueprint,
  ModelBlueprint,
  ReleaseBlueprint,
  WeightsBlueprint,
} from "../../../decisions/blueprint.ts";
import { releaseBlueprint } from "../../support/release-blueprint.ts";
import { residencyFacts } from "../../support/residency.ts";

const policy = [{ path: "policy", text: "Chosen by the test." }];

const proxyDigest = `sha256:${"7e".repeat(32)}`;
const egressProxy: EgressProxyBlueprint = {
  image: {
    value: {
      reference: "registry.example.com/envoyproxy/envoy:distroless-v1.40.0",
      digest: proxyDigest,
      deployed: `registry.example.com/envoyproxy/envoy@${proxyDigest}`,
      bytes: null,
    },
    because: policy,
  },
  replicas: { value: 2, because: policy },
  tolerations: { value: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }], because: policy },
};

/** One model version with everything decided, under names of its own. */
export function release(
  model: string,
  version: string,
  changes: Partial<Omit<ReleaseBlueprint, "weights">> & { readonly weights?: Partial<WeightsBlueprint> } = {},
): ReleaseBlueprint {
  const { weights, ...others } = changes;
  const name = `${model}-${version}`;
  const base = releaseBlueprint({ release: name, model, version, priorityClass: "demo-trial-gpus-2", ...others });
  return { ...base, weights: { ...base.weights, claim: `${name}-weights`, ...weights } };
}

/** A model whose first version serves. */
export function model(name: string, ...releases: readonly ReleaseBlueprint[]): ModelBlueprint {
  const [first] = releases;
  if (first === undefined) throw new Error("A model has at least one version.");
  return {
    service: name,
    port: 8000,
    servingVersion: first.version,
    traffic: { [first.version]: 100 },
    overlap: { value: { gpus: 4, fits: true }, because: policy },
    versions: Object.fromEntries(releases.map((each) => [each.version, each])),
  };
}

/** A stack of one model, `chat`; a test states only what it is about. */
export function blueprint(changes: Partial<Blueprint> = {}): Blueprint {
  return {
    name: "demo",
    environment: "trial",
    state: { backend: "local" },
    cluster: {
      target: "local",
      context: null,
      uid: null,
      weightsStorageClass: "freehold-local",
      kubernetes: { min: "1.34", max: "1.36" },
    },
    namespaces: { inference: "demo-trial-inference", gateway: null, agents: null },
    residency: residencyFacts("demo", "trial"),
    egressProxy: (changes.residency?.egress.value ?? null) === null ? null : egressProxy,
    gpuQuota: { value: 16, because: policy },
    priorityClasses: [{ name: "demo-trial-gpus-2", gpusPerReplica: 2, value: 1002 }],
    lockHash: null,
    rescheduleSeconds: 80,
    nodePools: {},
    models: { chat: model("chat", release("chat", "v1")) },
    gateway: null,
    agents: null,
    silenced: {},
    ...changes,
  };
}
