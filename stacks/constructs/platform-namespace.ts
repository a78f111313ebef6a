import { LimitRangeV1 } from "@cdktf/provider-kubernetes/lib/limit-range-v1/index.js";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1/index.js";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1/index.js";
import { ResourceQuotaV1 } from "@cdktf/provider-kubernetes/lib/resource-quota-v1/index.js";
import { Construct } from "constructs";
import { fetchWeightsLabels } from "./weights.ts";

export interface PlatformNamespaceProps {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Kubernetes version whose Pod Security rules hold, as `major.minor`: an upgrade of the cluster changes no rule. */
  readonly podSecurityVersion: string;
  /** Most GPUs that may be requested at any time. */
  readonly gpus: number;
}

/** Cloud metadata services: they hand out the node's credentials to whoever asks. */
const metadataAddress = { ipv4: "169.254.169.254/32", ipv6: "fd00:ec2::254/128" } as const;

/** Where NodeLocal DNSCache listens on each node; a policy that names pods alone would shut it out. */
const nodeLocalDns = "169.254.20.10/32";

/** A namespace where nothing runs with privileges, talks to anyone or takes GPUs beyond its share unless said here. */
export class PlatformNamespace extends Construct {
  constructor(scope: Construct, id: string, props: PlatformNamespaceProps) {
    super(scope, id);
    const version = `v${props.podSecurityVersion}`;
    const namespace = new NamespaceV1(this, "namespace", {
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
    const dependsOn = [namespace];
    const metadata = (name: string) => ({ name, namespace: props.name, labels: { ...props.labels } });

    new NetworkPolicyV1(this, "default-deny", {
      dependsOn,
      metadata: metadata("default-deny"),
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    });

    // The only pods that may leave: engines get their weights from a volume and open no connection.
    new NetworkPolicyV1(this, "fetch-weights", {
      dependsOn,
      metadata: metadata("fetch-weights"),
      spec: {
        podSelector: { matchLabels: { ...fetchWeightsLabels } },
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
                podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
              },
              { ipBlock: { cidr: nodeLocalDns } },
            ],
            ports: [
              { port: "53", protocol: "UDP" },
              { port: "53", protocol: "TCP" },
            ],
          },
          {
            to: [
              { ipBlock: { cidr: "0.0.0.0/0", except: [metadataAddress.ipv4] } },
              { ipBlock: { cidr: "::/0", except: [metadataAddress.ipv6] } },
            ],
            ports: [{ port: "443", protocol: "TCP" }],
          },
        ],
      },
    });

    new ResourceQuotaV1(this, "gpus", {
      dependsOn,
      metadata: metadata("gpus"),
      spec: { hard: { "requests.nvidia.com/gpu": String(props.gpus) } },
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
}
