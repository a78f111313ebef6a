import { entry } from "./entry.ts";

const ours =
  "The stack file cannot cause this; a construct or a chart in this checkout does. Correct it there, or report it if you changed nothing.";

/** GRD: what the synthesized output must never hold, checked on the output itself before anything is written. */
export const guardCodes = {
  "GRD-101": entry<{ resource: string; container: string; missing: string }>({
    severity: "error",
    summary: "A container without limits",
    title: ({ resource, container, missing }) => `Container ${container} of ${resource} states no ${missing}.`,
    why: () => "A container without them takes what its neighbours on the node were promised.",
    fix: () => ours,
    example: { resource: "kubernetes_job_v1 chat-v1-weights", container: "fetch", missing: "memory limit" },
  }),
  "GRD-102": entry<{ resource: string; image: string; target: string }>({
    severity: "error",
    summary: "An image without a digest",
    title: ({ resource, image }) => `${resource} runs the image ${image}, which is not pinned to a digest.`,
    why: ({ target }) =>
      `A tag can point elsewhere tomorrow: what was reviewed would not be what runs. Only the target \`local\` tolerates it; this stack's target is \`${target}\`.`,
    fix: () => "Run `freehold lock` on a machine with a network and commit the lock file it writes.",
    example: { resource: "helm_release chat-v1", image: "docker.io/vllm/vllm-openai:v0.33.0", target: "existing" },
  }),
  "GRD-103": entry<{ namespace: string; label: string; got: string | null }>({
    severity: "error",
    summary: "A namespace without Pod Security",
    title: ({ namespace, label, got }) =>
      got === null
        ? `Namespace ${namespace} lacks the label ${label}.`
        : `Namespace ${namespace} has ${label}: ${got}, which does not hold pods to \`restricted\` of one version.`,
    why: () =>
      "Without `restricted` at a pinned version, a pod may run as root, or an upgrade of the cluster changes which pods are refused.",
    fix: () => ours,
    example: { namespace: "support-agents-inference", label: "pod-security.kubernetes.io/enforce", got: null },
  }),
  "GRD-104": entry<{ namespace: string; direction: string }>({
    severity: "error",
    summary: "A namespace without default deny",
    title: ({ namespace, direction }) =>
      `Namespace ${namespace} has no NetworkPolicy that denies all ${direction} by default.`,
    why: () => "A pod that no policy selects may talk to anyone, so one forgotten policy would open it.",
    fix: () => ours,
    example: { namespace: "support-agents-inference", direction: "egress" },
  }),
  "GRD-105": entry<{ resource: string; type: string }>({
    severity: "error",
    summary: "A Service that is reachable from outside",
    title: ({ resource, type }) => `${resource} has the type ${type}.`,
    why: () => "It opens an engine, which asks nobody who they are, to whoever reaches a node or the load balancer.",
    fix: () => ours,
    example: { resource: "kubernetes_service_v1 chat", type: "LoadBalancer" },
  }),
  "GRD-106": entry<{ resource: string; attribute: string }>({
    severity: "error",
    summary: "A secret value in the output",
    title: ({ resource, attribute }) => `${resource} carries what looks like a secret value in ${attribute}.`,
    why: () =>
      "The output, the plan and the state keep it in clear text, and so does every copy of them. The value is not repeated here.",
    fix: () =>
      "Put the value into a Kubernetes Secret by another way and name that Secret in the stack file, as `weights.tokenSecret` does.",
    example: { resource: "helm_release chat-v1", attribute: "values.env.HF_TOKEN" },
  }),
  "GRD-107": entry<{ namespace: string; requested: number; quota: number }>({
    severity: "error",
    summary: "More GPUs requested than the quota allows",
    title: ({ namespace, requested, quota }) =>
      `The releases in ${namespace} request up to ${requested} GPUs, and the quota there is ${quota}.`,
    why: () => "The API server refuses the pod that exceeds a quota, so a roll-out would stand still until it fails.",
    fix: () => ours,
    example: { namespace: "support-agents-inference", requested: 10, quota: 8 },
  }),
  "GRD-108": entry<{ release: string; setting: string }>({
    severity: "error",
    summary: "A release that can be left half installed",
    title: ({ release, setting }) => `The Helm release ${release} does not set ${setting}.`,
    why: () =>
      "A first install that fails would leave a release that Terraform does not know, and the next apply stops at it.",
    fix: () => ours,
    example: { release: "chat-v1", setting: "atomic" },
  }),
  "GRD-109": entry<{ release: string; timeoutSeconds: number; startupSeconds: number }>({
    severity: "error",
    summary: "A release that is given up before its engine can start",
    title: ({ release, timeoutSeconds, startupSeconds }) =>
      `The Helm release ${release} is given ${timeoutSeconds} s, and its engine may take ${startupSeconds} s to start.`,
    why: () => "Helm would roll back an engine that is still loading its weights as it should.",
    fix: () => ours,
    example: { release: "chat-v1", timeoutSeconds: 300, startupSeconds: 600 },
  }),
  "GRD-110": entry<{ resource: string; stack: string }>({
    severity: "error",
    summary: "A cluster-scoped name without the stack's name",
    title: ({ resource, stack }) => `The name of ${resource} does not start with \`${stack}-\`.`,
    why: () => "The whole cluster shares such names: a second stack there would take over the first one's object.",
    fix: () => ours,
    example: { resource: "kubernetes_priority_class_v1 gpus-2", stack: "support-agents" },
  }),
  "GRD-111": entry<{ stack: string; attribute: string; path: string }>({
    severity: "error",
    summary: "An absolute path in the output",
    title: ({ stack, attribute, path }) => `Stack ${stack} carries the absolute path ${path} in ${attribute}.`,
    why: () => "It exists on one machine only, so on any other the same commit gives another plan.",
    fix: () => ours,
    example: { stack: "inference", attribute: "helm_release chat-v1 chart", path: "/srv/charts/model-server" },
  }),
  "GRD-112": entry<{ resource: string; service: string }>({
    severity: "error",
    summary: "A Service whose name breaks the engine",
    title: ({ resource, service }) => `${resource} makes a Service named \`${service}\`.`,
    why: ({ service }) =>
      `Kubernetes sets ${service.toUpperCase().replaceAll("-", "_")}_PORT to an address for it, and vLLM reads that variable as a port number and does not start.`,
    fix: () => "Give the model another name under `models`.",
    example: { resource: "kubernetes_service_v1 vllm", service: "vllm" },
  }),
  "GRD-113": entry<{ resource: string; type: string }>({
    severity: "error",
    summary: "A resource type that must not be used",
    title: ({ resource, type }) => `${resource} is of the type ${type}.`,
    why: () =>
      "Types without a version cannot be moved to their successors without being destroyed, and `kubernetes_manifest` needs the live cluster for every plan.",
    fix: () => ours,
    example: { resource: "kubernetes_namespace inference", type: "kubernetes_namespace" },
  }),
  "GRD-114": entry<{ stack: string; target: string }>({
    severity: "error",
    summary: "State on one machine for a shared cluster",
    title: ({ stack, target }) => `The state of ${stack} is a local file, and the target is \`${target}\`.`,
    why: () => "A colleague's machine would know nothing of what is deployed and would try to create all of it again.",
    fix: () => "Set `state.backend` to s3, gcs, azurerm, pg, http or kubernetes.",
    example: { stack: "platform", target: "existing" },
  }),
  "GRD-115": entry<{ stack: string; attribute: string }>({
    severity: "error",
    summary: "Text that Terraform would evaluate",
    title: ({ stack, attribute }) => `Stack ${stack} holds an unescaped template in ${attribute}.`,
    why: () =>
      "Terraform would evaluate it: the plan fails, or the cluster gets another text than the stack file says.",
    fix: () => ours,
    example: { stack: "inference", attribute: "helm_release chat-v1 values" },
  }),
  "GRD-116": entry<{ resource: string; other: string }>({
    severity: "error",
    summary: "Two resources that are one object in the cluster",
    title: ({ resource, other }) => `${resource} is made twice, the second time by ${other}.`,
    why: () => "The second apply fails because the object is there, or each apply undoes the other.",
    fix: () => "Rename one of the two entries in the stack file so that their Kubernetes names differ.",
    example: { resource: "kubernetes_service_v1 chat-v1", other: "inference/models/chat-v1/service" },
  }),
  "GRD-117": entry<{ container: string; resource: string }>({
    severity: "error",
    summary: "A container that may run as root",
    title: ({ container, resource }) =>
      `Container \`${container}\` of ${resource} has no \`run_as_non_root\` of its own.`,
    why: () =>
      "The Kubernetes provider then writes `false` into the container, which overrides the pod's setting, and Pod Security `restricted` refuses the pod.",
    fix: () => ours,
    example: { container: "fetch", resource: "kubernetes_job_v1 chat-v1-weights" },
  }),
  "GRD-118": entry<{ stack: string; provider: string; version: string | null }>({
    severity: "error",
    summary: "A provider of no exact version",
    title: ({ stack, provider, version }) =>
      `Stack ${stack} asks for the provider ${provider} ${version === null ? "of any version" : `of the version ${version}`}.`,
    why: () => "Another version tomorrow gives another plan of the same commit, by code that nobody has reviewed.",
    fix: () => ours,
    example: { stack: "platform", provider: "kubernetes", version: "~> 2.38" },
  }),
  "GRD-130": entry<{ release: string; problem: string }>({
    severity: "error",
    summary: "A proxy that is given other hosts than were decided",
    title: ({ release, problem }) => `The release ${release} ${problem}, which was not decided.`,
    why: () => "What a workload may reach is the list of the explanation; one host more is a way out.",
    fix: () => ours,
    example: { release: "egress-proxy", problem: "lets fetch-weights through to evil.example.com:443" },
  }),
} as const;
