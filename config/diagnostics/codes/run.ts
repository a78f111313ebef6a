import { entry } from "./entry.ts";

/** RUN-1xx: tools, clusters and the command line. */
export const runCodes = {
  "RUN-101": entry<{ version: string }>({
    severity: "error",
    summary: "Node.js is too old",
    title: ({ version }) => `Node.js ${version} is too old.`,
    why: () => "Freehold uses parts of Node.js that came with 20.9.",
    fix: () => "Install Node.js 22 or 24 and run the command again.",
    example: { version: "18.20.4" },
  }),
  "RUN-102": entry<{ problem: string }>({
    severity: "error",
    summary: "The packages could not be installed",
    title: () => "The packages could not be installed.",
    why: ({ problem }) => problem,
    fix: () => "Mend that and run the command again; it starts over cleanly.",
    example: { problem: "The npm registry could not be reached." },
  }),
  "RUN-110": entry<{ given: string; commands: readonly string[] }>({
    severity: "error",
    summary: "An unknown command",
    title: ({ given }) => `There is no command "${given}".`,
    why: ({ commands }) => `The commands are ${commands.join(", ")}.`,
    fix: () => "Choose one of them; freehold --help says what each does.",
    example: { given: "plan", commands: ["check", "synth", "deploy"] },
  }),
  "RUN-111": entry<{ problem: string; usage: string; options: readonly string[] }>({
    severity: "error",
    summary: "A command line that the command does not take",
    title: ({ problem }) => `The command line cannot be used: ${problem}.`,
    why: ({ usage, options }) =>
      `The form is: ${usage}. ${options.length === 0 ? "It takes no options." : `Options: ${options.join(", ")}.`}`,
    fix: () => "Correct the command line; --help explains each option.",
    example: { problem: "Unknown option '--fast'", usage: "freehold check [FILE]", options: ["--json"] },
  }),
  "RUN-112": entry<{ path: string; problem: string; origin: "named" | "ledger" | "labels" | "written" }>({
    severity: "error",
    summary: "A file that cannot be read",
    title: ({ path }) => `The file ${path} cannot be read.`,
    why: ({ problem }) => `The system says: ${problem}.`,
    fix: ({ path, origin }) => {
      if (origin === "named")
        return "Name an existing stack file: freehold COMMAND FILE, or the environment variable FREEHOLD_STACK.";
      if (origin === "labels") return "Name an existing labelled set: freehold calibrate LABELLED.";
      return origin === "ledger"
        ? "Name an existing ledger: freehold pilot report LEDGER."
        : `Make ${path} a file that can be read, or move it away; Freehold writes it anew.`;
    },
    example: { path: "config/prod.yaml", problem: "no such file or directory", origin: "named" },
  }),
  "RUN-113": entry<{ path: string; problem: string }>({
    severity: "error",
    summary: "A file that cannot be written",
    title: ({ path }) => `The file ${path} cannot be written.`,
    why: ({ problem }) => `The system says: ${problem}. What was there before is unchanged.`,
    fix: () => "Make room or allow writing there, and run the command again.",
    example: { path: "cdktf.out", problem: "no space left on device" },
  }),
  "RUN-114": entry<{ path: string; held: string }>({
    severity: "error",
    summary: "An output folder that holds something else",
    title: ({ path }) => `The folder ${path} holds files that this command did not write.`,
    why: ({ held }) => `Output replaces its folder as a whole, and these would be lost: ${held}.`,
    fix: () => "Name a folder with --out that is new or empty, or one that the same command has written before.",
    example: { path: ".", held: ".git, README.md, config" },
  }),
  "RUN-115": entry<{ path: string; what: string; found: string }>({
    severity: "error",
    summary: "An output file that is something else",
    title: ({ path, what }) => `${path} is not a ${what} that could be replaced.`,
    why: ({ path, found }) => `There is ${found} at ${path}, and writing there would cost it.`,
    fix: () => "Name a file with --out that is not there yet, or one that the same command has written before.",
    example: { path: "config/stack.yaml", what: "report", found: "a file that this command did not write" },
  }),
  "RUN-120": entry<{ lookedFor: readonly string[] }>({
    severity: "error",
    summary: "Neither Terraform nor OpenTofu is installed",
    title: () => "Neither Terraform nor OpenTofu was found.",
    why: ({ lookedFor }) => `Looked on PATH for ${lookedFor.join(" and ")}; deploy runs one of them for each stack.`,
    fix: () =>
      "Install Terraform 1.11 or OpenTofu 1.11 or newer, name the binary in TERRAFORM_BINARY_NAME, or apply without it: --via manifests.",
    example: { lookedFor: ["terraform", "tofu"] },
  }),
  "RUN-121": entry<{ binary: string; version: string; minimum: string }>({
    severity: "error",
    summary: "Terraform or OpenTofu is too old",
    title: ({ binary, version }) => `${binary} ${version} is too old.`,
    why: ({ minimum }) => `State locking by a lock file and write-only arguments need ${minimum} or newer.`,
    fix: ({ minimum }) => `Install ${minimum} or newer, or apply without it: --via manifests.`,
    example: { binary: "terraform", version: "1.5.7", minimum: "1.11.0" },
  }),
  "RUN-122": entry<{ binary: string; detail: string }>({
    severity: "error",
    summary: "The Terraform providers cannot be had",
    title: ({ binary }) => `${binary} cannot get its providers.`,
    why: ({ detail }) => `hashicorp/kubernetes and hashicorp/helm come from a registry or a mirror: ${detail}`,
    fix: () =>
      "Allow the registry, configure a provider mirror in the Terraform CLI configuration, or apply without Terraform: --via manifests.",
    example: { binary: "terraform", detail: "could not connect to registry.terraform.io" },
  }),
  "RUN-123": entry<{ stack: string; detail: string }>({
    severity: "error",
    summary: "The state is locked by somebody else",
    title: ({ stack }) => `The state of the stack ${stack} is locked.`,
    why: ({ detail }) => `Another run holds the lock, or one ended without giving it back. ${detail}`,
    fix: ({ stack }) =>
      `Wait for the other run. If nobody is at it, look at who holds the lock and run force-unlock with its ID in cdktf.out/stacks/${stack}.`,
    example: { stack: "platform", detail: "Lock ID 5d2a…, held by ana@build-7 since 09:14." },
  }),
  "RUN-124": entry<{ binary: string; stack: string; step: string; detail: string }>({
    severity: "error",
    summary: "A Terraform run failed",
    title: ({ binary, stack, step }) => `${binary} ${step} failed for the stack ${stack}.`,
    why: ({ detail }) => detail,
    fix: () =>
      "Mend what it names and run the command again; what was applied before is kept, releases that failed were rolled back.",
    example: { binary: "terraform", stack: "inference", step: "apply", detail: "context deadline exceeded" },
  }),
  "RUN-125": entry<{ binary: string; stack: string; from: string; to: string }>({
    severity: "error",
    summary: "The state would be kept somewhere else than last time",
    title: ({ stack }) => `The state of the stack ${stack} would be kept somewhere else than last time.`,
    why: ({ from, to }) =>
      `Until now: ${from}. From now on: ${to}. An empty state there would make everything a second time and forget what is running.`,
    fix: ({ binary, stack }) =>
      `Take the state along: run ${binary} init -migrate-state in cdktf.out/stacks/${stack}, then the command again. If it is meant to be left behind, ${binary} init -reconfigure there.`,
    example: {
      binary: "terraform",
      stack: "platform",
      from: "s3, bucket old-states",
      to: "s3, bucket team-states",
    },
  }),
  "RUN-130": entry<{ context: string; contexts: readonly string[]; kubeconfig: string; problem: string | null }>({
    severity: "error",
    summary: "A context that the kubeconfig does not have",
    title: ({ context }) => `The kubeconfig has no context "${context}".`,
    why: ({ contexts, kubeconfig, problem }) =>
      problem !== null
        ? `${kubeconfig} cannot be read: ${problem}`
        : contexts.length === 0
          ? `${kubeconfig} holds no contexts.`
          : `${kubeconfig} has: ${contexts.join(", ")}.`,
    fix: () => "Give one of those with --context NAME, or point KUBECONFIG at the file that has it.",
    example: { context: "prod-eu", contexts: ["kind", "staging"], kubeconfig: "~/.kube/config", problem: null },
  }),
  "RUN-131": entry<{ context: string; detail: string }>({
    severity: "error",
    summary: "The cluster does not answer",
    title: ({ context }) => `The cluster of the context "${context}" does not answer.`,
    why: ({ detail }) => detail,
    fix: () =>
      "Check the address and your credentials with kubectl get namespace kube-system, then run the command again.",
    example: { context: "prod-eu", detail: "dial tcp 10.0.0.1:6443: i/o timeout" },
  }),
  "RUN-132": entry<{ context: string; found: string; expected: string; from: string }>({
    severity: "error",
    summary: "Another cluster than the one this stack belongs to",
    title: ({ context }) => `The context "${context}" leads to another cluster than this stack's.`,
    why: ({ found, expected, from }) =>
      `Its kube-system namespace has UID ${found}; ${from} says ${expected}. A context name can be moved, the UID cannot.`,
    fix: () =>
      "Choose the context of the right cluster. If the stack is meant to move, change cluster.existing.uid, or forget the old one with --forget-cluster.",
    example: {
      context: "prod-eu",
      found: "3c0f…",
      expected: "91ab…",
      from: "cluster.existing.uid",
    },
  }),
  "RUN-133": entry<{ version: string; min: string; max: string }>({
    severity: "error",
    summary: "A Kubernetes version outside the supported range",
    title: ({ version }) => `The cluster runs Kubernetes ${version}, which is not supported.`,
    why: ({ min, max }) => `Freehold is tested with ${min} to ${max}.`,
    fix: () => "Upgrade the cluster, or use the release of Freehold that supports it.",
    example: { version: "1.29", min: "1.34", max: "1.36" },
  }),
  "RUN-134": entry<{ file: string }>({
    severity: "error",
    summary: "No cluster was named",
    title: () => "No cluster was named.",
    why: ({ file }) => `${file} has cluster.target existing without a context, and none is remembered for it.`,
    fix: () => "Give it once with --context NAME; it is remembered by the cluster's identity.",
    example: { file: "config/stack.yaml" },
  }),
  "RUN-135": entry<{ stack: string; namespace: string; owner: string; wanted: string }>({
    severity: "error",
    summary: "The stack was applied the other way",
    title: ({ stack, owner }) => `The stack ${stack} is already there, applied by ${owner}.`,
    why: ({ namespace, owner, wanted }) =>
      `The namespace ${namespace} belongs to ${owner}; ${wanted} would fight it for the same objects.`,
    fix: ({ owner, wanted }) =>
      `Go on with --via ${owner}, or remove it first with freehold destroy --via ${owner} and then use --via ${wanted}.`,
    example: {
      stack: "support-agents",
      namespace: "support-agents-inference",
      owner: "manifests",
      wanted: "terraform",
    },
  }),
  "RUN-136": entry<{ namespace: string; seconds: number }>({
    severity: "error",
    summary: "A namespace that is still being removed",
    title: ({ namespace }) => `The namespace ${namespace} is still being removed.`,
    why: ({ seconds }) =>
      `It was waited for ${seconds} s. Nothing can be put into a namespace on its way out, and what holds it is something in it that does not go.`,
    fix: ({ namespace }) =>
      `kubectl get namespace ${namespace} --output yaml names under status.conditions what is left; when that is gone, run the command again.`,
    example: { namespace: "support-agents-inference", seconds: 60 },
  }),
  "RUN-137": entry<{ given: string; context: string }>({
    severity: "error",
    summary: "Another context than the stack file names",
    title: ({ given, context }) => `--context ${given} contradicts the stack file, which names "${context}".`,
    why: () =>
      "cluster.existing.context is part of the output, so Terraform would apply to that context whatever was looked at before.",
    fix: ({ given, context }) =>
      `Leave --context out, change cluster.existing.context from ${context} to ${given}, or remove the key and give the context with --context.`,
    example: { given: "staging", context: "prod-eu" },
  }),
  "RUN-140": entry<{ release: string; detail: string }>({
    severity: "error",
    summary: "A release could not be applied",
    title: ({ release }) => `The release ${release} could not be applied.`,
    why: ({ detail }) => detail,
    fix: () => "Mend what it names and run the command again. The release was rolled back to what ran before.",
    example: { release: "chat-v1", detail: "exceeded quota: gpu" },
  }),
  "RUN-141": entry<{ pid: number; command: string }>({
    severity: "error",
    summary: "Another run is at work on this checkout",
    title: ({ pid }) => `Another run is at work on this checkout (process ${pid}).`,
    why: ({ command }) => `It runs freehold ${command}; two at once would undo each other.`,
    fix: () => "Wait for it to end, or stop it, and run the command again.",
    example: { pid: 4711, command: "up" },
  }),
  "RUN-142": entry<{ question: string }>({
    severity: "error",
    summary: "A question that nobody can answer here",
    title: () => "The command must ask before it changes anything, and nobody can answer here.",
    why: ({ question }) => `It would ask: ${question} Standard input is not a terminal.`,
    fix: () => "Look at what it would change (shown above), then run it with --yes.",
    example: { question: "Apply these changes to support-agents?" },
  }),
  "RUN-143": entry<{ context: string; pool: string; selector: string; found: number; needed: number }>({
    severity: "error",
    summary: "The cluster has too few GPUs",
    title: ({ context, found, needed, pool }) =>
      `The cluster of "${context}" offers ${found} of the ${needed} GPUs that nodePools.${pool} needs.`,
    why: ({ selector }) =>
      `Only nodes labelled ${selector} count, with what they offer as nvidia.com/gpu; replicas beyond that would wait for ever.`,
    fix: () =>
      "Label the GPU nodes, check that the device plugin runs, or lower the replicas. Without a cluster of your own, leave --context out.",
    example: { context: "kind", pool: "h100", selector: "freehold/node-pool=h100", found: 0, needed: 6 },
  }),
  "RUN-144": entry<{ context: string; storageClass: string; classes: readonly string[] }>({
    severity: "error",
    summary: "A storage class that the cluster does not have",
    title: ({ storageClass }) => `The cluster has no storage class "${storageClass}".`,
    why: ({ classes }) =>
      `Weights are kept on a volume of that class. ${classes.length === 0 ? "The cluster has none." : `It has: ${classes.join(", ")}.`}`,
    fix: () => "Name one that offers ReadWriteMany in cluster.existing.storageClass.",
    example: { context: "prod-eu", storageClass: "fast-ssd", classes: ["gp3", "efs"] },
  }),
  "RUN-145": entry<{ context: string; references: readonly string[] }>({
    severity: "error",
    summary: "Unlocked references on a cluster of your own",
    title: ({ context }) => `Not everything that would run on the cluster of "${context}" is locked.`,
    why: ({ references }) =>
      `The lock has no entry for ${references.join(", ")}. A tag or a branch can be moved by whoever owns it; only the local control plane, where nothing runs, takes them.`,
    fix: () => "Run freehold lock with this stack file and commit the lock file it writes.",
    example: { context: "kind", references: ["vllm/vllm-openai:v0.11.0", "Qwen/Qwen3-32B@main"] },
  }),
  "RUN-146": entry<{ context: string; namespace: string; secret: string; key: string }>({
    severity: "error",
    summary: "A Secret that the stack refers to is not there",
    title: ({ namespace, secret, key }) => `The Secret ${secret} with the key \`${key}\` is not in ${namespace}.`,
    why: ({ context }) =>
      `The stack file names it, and pods that need it do not start without it. Freehold looked in ${context} for the names of keys and read no value.`,
    fix: ({ namespace, secret, key }) =>
      `Create it by another way than this file, for example: kubectl create secret generic ${secret} --namespace ${namespace} --from-file=${key}=PATH.`,
    example: {
      context: "prod-eu",
      namespace: "support-agents-production-inference",
      secret: "hub-token",
      key: "token",
    },
  }),
  "RUN-161": entry<{
    context: string;
    workload: string;
    image: string;
    name: string;
    clear: string;
    advisories: readonly string[];
  }>({
    severity: "error",
    summary: "The cluster runs software with a published advisory",
    title: ({ workload, image }) => `${workload} runs ${image}, which has published advisories.`,
    why: ({ name, advisories }) =>
      `It shares nodes or rights with data that must not leave, and ${name} of that release is open to ${advisories.join(", ")}.`,
    fix: ({ name, clear }) =>
      clear === "none" ? `No release of ${name} is clear: remove it.` : `Update ${name}; clear is ${clear}.`,
    example: {
      context: "prod-eu",
      workload: "DaemonSet gpu-operator/nvidia-container-toolkit-daemonset",
      image: "nvcr.io/nvidia/k8s/container-toolkit:v1.17.6-ubuntu20.04",
      name: "the NVIDIA Container Toolkit",
      clear: "newer than 1.17.7",
      advisories: ["CVE-2025-23266"],
    },
  }),
  "RUN-162": entry<{ context: string; mode: string; reason: string }>({
    severity: "error",
    summary: "The cluster does not enforce network policies",
    title: ({ context }) => `The cluster of "${context}" does not enforce network policies.`,
    why: ({ mode, reason }) =>
      `Freehold tried with a few pods of its own: ${reason}. Under ${mode} the policies are what keeps data in, and there they are only text.`,
    fix: () => "Install a network plugin that enforces NetworkPolicies in both directions, and run freehold preflight.",
    example: { context: "prod-eu", mode: "region-bound", reason: "a policy did not stop connections out of a pod" },
  }),
  "RUN-163": entry<{ context: string; mode: string; reason: string }>({
    severity: "error",
    summary: "Nobody knows whether the cluster enforces network policies",
    title: ({ context }) => `Whether the cluster of "${context}" enforces network policies was not measured.`,
    why: ({ mode, reason }) =>
      `The probe came to no result: ${reason}. Under ${mode} nothing is deployed where nobody knows whether data is kept in.`,
    fix: () =>
      "Let it run: it needs an account that may make a namespace with four pods in it, a node for them, and the engine's image. Then run freehold preflight.",
    example: {
      context: "prod-eu",
      mode: "region-bound",
      reason: "the server of the probe did not start within 600 s",
    },
  }),
} as const;
