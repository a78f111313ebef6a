import { block, blocks, type Field, fileMode, integer, port, same } from "./shape.ts";

type Fields = Readonly<Record<string, Field>>;

/** What one Terraform resource type is in the Kubernetes API. */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly fields: Fields;
}

/** Whoever applies manifests removes a failed object or has it replaced, so the name need not differ each time. */
const generatedName: Field = ["name", (value) => String(value).replace(/-$/, "")];

const metadata = block({
  name: same,
  generate_name: generatedName,
  namespace: same,
  labels: same,
  annotations: same,
});
const selector = block({ match_labels: same });

const securityContext: Fields = {
  run_as_non_root: same,
  run_as_user: integer,
  run_as_group: integer,
  seccomp_profile: block({ type: same }),
};

const container = blocks({
  name: same,
  image: same,
  command: same,
  args: same,
  env: blocks({
    name: same,
    value: same,
    value_from: block({ secret_key_ref: block({ name: same, key: same, optional: same }) }),
  }),
  resources: block({ requests: same, limits: same }),
  security_context: block({
    ...securityContext,
    allow_privilege_escalation: same,
    read_only_root_filesystem: same,
    capabilities: block({ drop: same }),
  }),
  volume_mount: ["volumeMounts", blocks({ name: same, mount_path: same, read_only: same, sub_path: same })],
});

const podTemplate = block({
  metadata: block({ labels: same, annotations: same }),
  spec: block({
    service_account_name: same,
    automount_service_account_token: same,
    enable_service_links: same,
    restart_policy: same,
    termination_grace_period_seconds: integer,
    node_selector: same,
    security_context: block({ ...securityContext, fs_group: integer, fs_group_change_policy: same }),
    toleration: ["tolerations", blocks({ key: same, operator: same, effect: same })],
    init_container: ["initContainers", container],
    container: ["containers", container],
    volume: [
      "volumes",
      blocks({
        name: same,
        persistent_volume_claim: block({ claim_name: same, read_only: same }),
        config_map: block({ name: same, default_mode: fileMode }),
        secret: block({ secret_name: same, default_mode: fileMode, optional: same }),
        empty_dir: block({ medium: same, size_limit: same }),
      }),
    ],
  }),
});

const peers = blocks({
  namespace_selector: selector,
  pod_selector: selector,
  ip_block: block({ cidr: same, except: same }),
});
const policyPorts = blocks({ port, protocol: same, end_port: integer });

/**
 * Every resource type the stacks use, in the order a cluster needs them: what rules come before what they rule, Jobs
 * before the releases that wait for them, Services last.
 */
export const kinds: Readonly<Record<string, Kind>> = {
  kubernetes_namespace_v1: { apiVersion: "v1", kind: "Namespace", fields: { metadata } },
  kubernetes_priority_class_v1: {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    fields: { metadata, value: integer, preemption_policy: same },
  },
  kubernetes_resource_quota_v1: {
    apiVersion: "v1",
    kind: "ResourceQuota",
    fields: { metadata, spec: block({ hard: same }) },
  },
  kubernetes_limit_range_v1: {
    apiVersion: "v1",
    kind: "LimitRange",
    fields: {
      metadata,
      spec: block({ limit: ["limits", blocks({ type: same, default: same, default_request: same })] }),
    },
  },
  kubernetes_network_policy_v1: {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    fields: {
      metadata,
      spec: block({
        pod_selector: selector,
        policy_types: same,
        ingress: blocks({ from: peers, ports: policyPorts }),
        egress: blocks({ to: peers, ports: policyPorts }),
      }),
    },
  },
  kubernetes_service_account_v1: {
    apiVersion: "v1",
    kind: "ServiceAccount",
    fields: { metadata, automount_service_account_token: same },
  },
  kubernetes_config_map_v1: {
    apiVersion: "v1",
    kind: "ConfigMap",
    fields: { metadata, data: same, immutable: same },
  },
  kubernetes_persistent_volume_claim_v1: {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    fields: {
      metadata,
      spec: block({ access_modes: same, storage_class_name: same, resources: block({ requests: same }) }),
    },
  },
  kubernetes_job_v1: {
    apiVersion: "batch/v1",
    kind: "Job",
    fields: {
      metadata,
      spec: block({ active_deadline_seconds: same, backoff_limit: same, template: podTemplate }),
    },
  },
  kubernetes_service_v1: {
    apiVersion: "v1",
    kind: "Service",
    fields: {
      metadata,
      spec: block({
        type: same,
        selector: same,
        port: ["ports", blocks({ name: same, port: same, target_port: port, protocol: same })],
      }),
    },
  },
};

/** What only Terraform knows: how it finds, orders and waits for a resource. */
export const terraformOnly: ReadonlySet<string> = new Set([
  "//",
  "depends_on",
  "lifecycle",
  "timeouts",
  "wait_for_completion",
  "wait_for_default_service_account",
  "wait_until_bound",
]);
