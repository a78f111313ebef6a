import type { Release } from "@cdktf/provider-helm/lib/release/index.js";
import { LimitRangeV1 } from "@cdktf/provider-kubernetes/lib/limit-range-v1/index.js";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1/index.js";
import {
  NetworkPolicyV1,
  type NetworkPolicyV1SpecEgress,
} from "@cdktf/provider-kubernetes/lib/network-policy-v1/index.js";
import { ResourceQuotaV1 } from "@cdktf/provider-kubernetes/lib/resource-quota-v1/index.js";
import { Construct } from "constructs";
import type { Edge, Party } from "../../decisions/residency/facts.ts";

export interface BoundaryProps {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Kubernetes version whose Pod Security rules hold, as `major.minor`: an upgrade of the cluster changes no rule. */
  readonly podSecurityVersion: string;
  /** Most GPUs that may be requested at any time. */
  readonly gpus: number;
  /** Most Services behind a load balancer. Left out: none. */
  readonly loadBalancers?: number;
  /** Connections of the whole stack; those that pods of this namespace open become policies here. */
  readonly edges: readonly Edge[];
}

/** Where NodeLocal DNSCache listens on each node; a policy that names pods alone would shut it out. */
const nodeLocalDns = "169.254.20.10/32";

/**
 * A namespace where nothing runs with privileges, talks to anyone or takes GPUs beyond its share unless said here. The
 * only thing in `stacks/` that makes a namespace, so that none can be without its rules. Who may call an engine is said
 * by the policy in the engine's own release, which comes and goes with it.
 */
export class Boundary extends Construct {
  readonly namespace: NamespaceV1;
  private readonly waysOut: NetworkPolicyV1[] = [];

  constructor(scope: Construct, id: string, props: BoundaryProps) {
    super(scope, id);
    const version = `v${props.podSecurityVersion}`;
    this.namespace = new NamespaceV1(this, "namespace", {
      metadata: {
        name: props.name,
        labels: {
          ...props.labels,
          ...Object.fromEntries(
            ["enforce", "audit", "warn"].flatMap((mode) => [
              [`pod-security.kubernetes.io/${mode}`, "restricted"],
              [`pod-security.kubernetes.io/${mode}-version`, version],
            ]),
          ),
        },
      },
      waitForDefaultServiceAccount: true,
    });
    const dependsOn = [this.namespace];
    const metadata = (name: string) => ({ name, namespace: props.name, labels: { ...props.labels } });

    new NetworkPolicyV1(this, "default-deny", {
      dependsOn,
      metadata: metadata("default-deny"),
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    });

    for (const [name, { labels, edges }] of openedHere(props)) {
      const wayOut = new NetworkPolicyV1(this, name, {
        dependsOn,
        metadata: metadata(name),
        spec: {
          podSelector: { matchLabels: { ...labels } },
          policyTypes: ["Egress"],
          egress: edges.map(({ to, ports }) => ({
            to: peers(to),
            ports: ports.map(({ port, protocol }) => ({ port: String(port), protocol })),
          })),
        },
      });
      this.waysOut.push(wayOut);
    }

    // With the last two the API server itself refuses a Service that would be reachable from outside the cluster.
    new ResourceQuotaV1(this, "gpus", {
      dependsOn,
      metadata: metadata("gpus"),
      spec: {
        hard: {
          "requests.nvidia.com/gpu": String(props.gpus),
          "services.loadbalancers": String(props.loadBalancers ?? 0),
          "services.nodeports": "0",
        },
      },
    });

    // No default CPU limit: with one, the API server refuses every container whose CPU request is above it.
    new LimitRangeV1(this, "defaults", {
      dependsOn,
      metadata: metadata("defaults"),
      spec: {
        limit: [
          {
            type: "Container",
            defaultRequest: { cpu: "100m", memory: "256Mi", "ephemeral-storage": "256Mi" },
            default: { memory: "256Mi", "ephemeral-storage": "1Gi" },
          },
        ],
      },
    });
  }

  /** Opens what this namespace lets out only after `release`, whose earlier policies may refuse it. */
  openAfter(release: Release): void {
    const reference = `${release.terraformResourceType}.${release.friendlyUniqueId}`;
    for (const wayOut of this.waysOut) wayOut.dependsOn = [...(wayOut.dependsOn ?? []), reference];
  }
}

interface Opener {
  readonly labels: Readonly<Record<string, string>>;
  readonly edges: (Edge & { readonly to: Exclude<Party, { kind: "names" }> })[];
}

/** Connections by the pods of this namespace that open them. */
function openedHere({ name: namespace, edges }: BoundaryProps): ReadonlyMap<string, Opener> {
  const openers = new Map<string, Opener>();
  for (const edge of edges) {
    const { from } = edge;
    if (from.kind !== "pods" || from.namespace !== namespace) continue;
    // Rules by name are the network plugin's own; a policy here would read their empty list of peers as everybody.
    if (edge.to.kind === "names") continue;
    const opener = openers.get(from.name) ?? { labels: from.labels, edges: [] };
    opener.edges.push({ ...edge, to: edge.to });
    openers.set(from.name, opener);
  }
  return openers;
}

/** The far side of a connection as policies select it. */
function peers(to: Exclude<Party, { kind: "names" }>): NonNullable<NetworkPolicyV1SpecEgress["to"]> {
  switch (to.kind) {
    case "pods":
      return [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": to.namespace } },
          podSelector: { matchLabels: { ...to.labels } },
        },
      ];
    case "clients":
      return [
        {
          namespaceSelector: { matchLabels: { ...to.namespaceLabels } },
          podSelector: { matchLabels: { ...to.labels } },
        },
      ];
    case "dns":
      return [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
          podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
        },
        { ipBlock: { cidr: nodeLocalDns } },
      ];
    case "networks":
      return to.networks.map(({ cidr, except }) => ({
        ipBlock: { cidr, ...(except.length === 0 ? {} : { except: [...except] }) },
      }));
  }
}
