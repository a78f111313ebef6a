import { type CodeEntry, entry } from "./entry.ts";

/** What is wrong with an object, as the end of a sentence that begins with its name. */
interface Refusal {
  readonly object: string;
  readonly problem: string;
}

const ours =
  "The stack file cannot cause this; a construct or a chart in this checkout does. Correct it there, or report it if you changed nothing.";

function refusal(summary: string, why: string, example: Refusal, fix: string = ours): CodeEntry<Refusal> {
  return entry<Refusal>({
    severity: "error",
    summary,
    title: ({ object, problem }) => `${object} ${problem}.`,
    why: () => why,
    fix: () => fix,
    example,
  });
}

const engine = "Container engine of Deployment chat-v1";

/** GRD-2xx: what no object that is applied may be, charts' own included. The sources are named in docs/reference/residency-checks.md. */
export const objectGuardCodes = {
  "GRD-201": refusal(
    "A pod that reaches into its node",
    "What shares the node's namespaces, files or ports can read what other pods keep there.",
    { object: engine, problem: "is privileged" },
  ),
  "GRD-202": refusal(
    "A container that may gain privileges",
    "A program with the set-user-id bit would become root inside it. Pod Security `restricted` refuses the pod.",
    { object: engine, problem: "does not set allowPrivilegeEscalation to false" },
  ),
  "GRD-203": refusal(
    "A container with capabilities",
    "Each capability is a part of root's power. Pod Security `restricted` refuses the pod.",
    { object: engine, problem: "does not drop ALL capabilities" },
  ),
  "GRD-204": refusal(
    "A container that may be root",
    "Root in a container is root on the node as soon as anything in between has a hole.",
    { object: engine, problem: "may run as root" },
  ),
  "GRD-205": refusal(
    "A container without a seccomp profile",
    "Without one every system call of the node's kernel is open to it.",
    { object: engine, problem: "has no seccomp profile" },
  ),
  "GRD-206": refusal(
    "A container with a writable root file system",
    "What can write to its own image can stay there after a break-in. Paths that are written to are volumes.",
    { object: "Container fetch of Job chat-v1-weights", problem: "can write to its image" },
  ),
  "GRD-207": refusal(
    "A pod that holds a token for the API server",
    "None of these pods asks the API server for anything, so a token serves only whoever breaks in.",
    { object: "The pod of Deployment chat-v1", problem: "mounts the token of its service account" },
  ),
  "GRD-208": refusal(
    "A role that may do too much",
    "With these rights one pod can read every secret or take over any other.",
    { object: "ClusterRole reader", problem: "allows every verb" },
  ),
  "GRD-209": refusal(
    "A container that does not say what it takes",
    "A node gives it what others were promised, or evicts it first.",
    { object: engine, problem: "requests no memory" },
  ),
  "GRD-210": refusal(
    "A volume in memory without a limit",
    "It fills the node's memory, and the kernel then kills whatever it likes.",
    { object: "The pod of Deployment chat-v1", problem: "has the volume shared-memory in memory without a sizeLimit" },
  ),
  "GRD-211": refusal(
    "Weights that a serving pod can change",
    "An engine loads what lies there without a check, and other replicas read the same copy.",
    { object: engine, problem: "mounts the claim chat-v1-weights writable" },
  ),
  "GRD-212": refusal(
    "A pod that nothing may talk to",
    "Under default deny it has neither callers nor name servers: a policy that selects it has been forgotten.",
    { object: "The pod of Deployment chat-v1", problem: "is selected by no policy but default deny" },
  ),
  "GRD-213": refusal(
    "A policy that lets more out than was decided",
    "The connections in the explanation are what people reviewed, and every policy stays within them.",
    { object: "NetworkPolicy fetch-weights", problem: "lets pods reach 0.0.0.0/0" },
  ),
  "GRD-214": refusal(
    "A policy that opens the metadata address",
    "It hands out the node's credentials to whoever asks.",
    { object: "NetworkPolicy fetch-weights", problem: "does not leave out 169.254.169.254" },
  ),
  "GRD-215": refusal(
    "A policy that lets in whoever asks",
    "An engine's API key guards only some of its paths, so who may connect is what protects it.",
    { object: "NetworkPolicy chat-v1", problem: "lets in every pod" },
  ),
  "GRD-216": refusal(
    "A Service that is reachable from outside",
    "The cluster's own network is the boundary; engines have no other. The gateway has one way in where `gateway.exposure` says so, and that one alone.",
    { object: "Service chat", problem: "is of the type LoadBalancer" },
  ),
  "GRD-217": refusal(
    "An image from a registry that is not allowed",
    "What runs was to come from the registries of the explanation.",
    { object: engine, problem: "runs docker.io/library/busybox, and allowed are registry.example.com" },
    "Copy the image into an allowed registry, or add its registry under residency.sources.registries.",
  ),
  "GRD-218": refusal(
    "An image by a tag that moves",
    "`latest`, and no tag at all, name another image tomorrow; beside a digest they mislead the reader.",
    { object: engine, problem: "runs registry.example.com/vllm:latest" },
  ),
  "GRD-219": refusal(
    "An image without a digest",
    "A tag can point elsewhere tomorrow: what was reviewed would not be what runs. Only the target `local` tolerates it.",
    { object: engine, problem: "runs registry.example.com/vllm:v1 without a digest" },
    "Run `freehold lock` on a machine with a network and commit the lock file it writes.",
  ),
  "GRD-220": refusal(
    "An engine that runs code of the model",
    "A model's repository then decides what runs beside the data.",
    { object: engine, problem: "is given --trust-remote-code" },
  ),
  "GRD-221": refusal(
    "Weights in a format that can run code",
    "A pickled file runs what it says when it is loaded; safetensors cannot.",
    { object: "ConfigMap chat-v1-weights-1a2b", problem: "has pytorch_model.bin fetched" },
    "Serve a repository, or a revision of it, that holds safetensors, and run `freehold lock`.",
  ),
  "GRD-222": refusal(
    "A serving pod with a hub's token",
    "Only the Job that fetches weights needs it; an engine would hand it to whoever breaks in.",
    { object: engine, problem: "has the variable HF_TOKEN" },
  ),
  "GRD-223": refusal(
    "An engine with a door that requests can open",
    "With it a request chooses templates, files, adapters or tools, or resets what others use.",
    { object: engine, problem: "is given --trust-request-chat-template" },
  ),
  "GRD-224": refusal(
    "Software that may report home",
    "The switches of the explanation keep it from trying; without a row in that table nobody has looked what it reports.",
    { object: engine, problem: "does not set VLLM_NO_USAGE_STATS to 1" },
  ),
  "GRD-225": refusal(
    "Traces with prompts that leave",
    "This library sends prompts and answers to its maker as soon as the variable is set.",
    { object: "Container agent of Deployment agents", problem: "sets LANGSMITH_TRACING" },
  ),
  "GRD-226": refusal(
    "Prompts in a log",
    "Nobody redacts logs here, and they have no time limit and no list of readers.",
    {
      object: engine,
      problem: "is given --enable-log-requests",
    },
  ),
  "GRD-227": refusal(
    "An engine that serves a moving revision",
    "A branch names other weights tomorrow. Only the target `local` tolerates it.",
    { object: engine, problem: "serves the revision main" },
    "Run `freehold lock` on a machine with a network and commit the lock file it writes.",
  ),
  "GRD-228": refusal(
    "A pod without the labels of its stack",
    "Policies select pods by labels: one without them is held to none of the rules, or reached by nobody.",
    { object: "The pod of Deployment chat-v1", problem: "lacks the label freehold/stack" },
  ),
  "GRD-229": refusal(
    "A pod that takes the role which lets it out",
    "The label `freehold/role` opens the way out: `fetch-weights` and `migrate-agents` are carried by pods of a Job that runs as the account of that name, `egress-proxy` by those of the Deployment of that name in its own namespace.",
    { object: "The pod of Deployment chat-v1", problem: "carries the role fetch-weights" },
  ),
  "GRD-230": refusal(
    "A service account that reaches into pods",
    "Running commands in a pod goes past every policy. The API server refuses it; no guard looks for it.",
    { object: "Service account robot", problem: "runs a command in pod chat-v1" },
  ),
  "GRD-231": refusal(
    "A container that is added to a running pod",
    "It reads what the engine holds in memory. The API server refuses it; no guard looks for it.",
    { object: "Pod chat-v1", problem: "is given a debugging container" },
  ),
  "GRD-232": refusal(
    "A container whose words cannot be read",
    "Options and variables that stand elsewhere are held to no rule: an engine is started as `vllm serve` with its options, and variables are named one by one.",
    { object: engine, problem: "takes all variables of another object" },
  ),
  "GRD-240": refusal(
    "An engine that can be reached past the gateway",
    "Whatever the gateway refuses, a caller with another way in would be answered: limits, data classes and tenants would be advice.",
    { object: "NetworkPolicy chat-v1", problem: "lets in more than gateway" },
  ),
  "GRD-241": refusal(
    "Weights that nobody verifies",
    "Under this file a Job that fetches weights succeeds only where their signature holds; one without that step would let an engine start from anything.",
    { object: "The pod of Job chat-v1-weights", problem: "does more in its last step than to verify" },
  ),
  "GRD-242": refusal(
    "A way in from outside that differs from the decided one",
    "The explanation names one host, with a certificate, and four paths to the gateway; another name, path or target is a door that nobody has read.",
    { object: "Ingress gateway", problem: "answers under every name" },
  ),
  "GRD-243": refusal(
    "A way in that cuts answers off or holds them back",
    "A proxy that waits a minute ends long answers in the middle, and one that buffers turns a stream into a single late answer.",
    { object: "HTTPRoute gateway", problem: "ends answers after 60s, and they may take 630 s" },
  ),
  "GRD-244": refusal(
    "A gateway that lets in whom nobody decided",
    "Whoever passes on requests from outside is named in the file by namespace and labels; a policy that lets in more opens the gateway to the whole cluster.",
    { object: "NetworkPolicy gateway-callers", problem: "lets in more than gateway clients" },
  ),
  "GRD-245": refusal(
    "A gateway that sends out what was not decided",
    "To which models outside requests may go, of which classes and tenants, and whether redacted, is decided from the file; settings that say more would undo it.",
    {
      object: "ConfigMap gateway-settings",
      problem: "lets requests of * with the class customer go to outside/claude",
    },
  ),
  "GRD-250": refusal(
    "A way out beside the proxy",
    "Where there is a proxy it alone has a way out; whoever else has one goes past every list of hosts.",
    { object: "NetworkPolicy fetch-weights", problem: "lets other pods than the proxy reach 10.20.0.0/16" },
  ),
  "GRD-251": refusal(
    "A proxy that lets through what was not decided",
    "What a workload may reach is the list of the explanation, by full names; a wildcard or one host more is a way out.",
    { object: "ConfigMap egress-proxy", problem: "lets fetch-weights through to evil.example.com:443" },
  ),
  "GRD-252": refusal(
    "A rule of the network plugin that nobody asked for",
    "Rules add up: what one of these allows no NetworkPolicy takes back. They are written for the proxy's hosts, by full names, where `cluster.existing.cni` says that the plugin knows them.",
    { object: "CiliumNetworkPolicy egress-proxy-names", problem: "lets the proxy out to *.example.com" },
  ),
  "GRD-253": refusal(
    "A workload that does not ask the proxy",
    "Its policies let it reach its own port of the proxy and nothing outside, so what it sends elsewhere never arrives.",
    {
      object: "The pod of Job chat-v1-weights",
      problem: "does not go through the proxy: container fetch does not set HTTPS_PROXY",
    },
  ),
  "GRD-254": refusal(
    "A way to pods that nobody decided",
    "Another pod could pass on what it is given, and nothing holds it to this stack's rules.",
    { object: "NetworkPolicy fetch-weights", problem: "lets pods reach app=relay, which was not decided" },
  ),
} as const;
