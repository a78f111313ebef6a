import { entry } from "./entry.ts";

const outright =
  "Each mode includes the ones before it, and from `sovereign` up these rules have no exception: whoever reads the mode relies on it.";

/** RES-1xx: what the residency section says against itself and against the rest of the file. */
export const residencyCodes = {
  "RES-101": entry<{ name: string }>({
    severity: "error",
    summary: "Personal data would leave as it is",
    title: ({ name }) => `The data class "${name}" holds personal data, and all of it may leave the boundary.`,
    why: () =>
      "What is sent to somebody else's API cannot be called back, so data about people leaves redacted at most.",
    fix: () => "Set leavesBoundary to `redacted` or `never`, or personalData to `false` if the class holds none.",
    example: { name: "customer" },
  }),
  "RES-102": entry<{ workload: string; dataClass: string; known: readonly string[]; nearest: string | null }>({
    severity: "error",
    summary: "A workload names a data class that nobody defined",
    title: ({ workload, dataClass }) =>
      `The workload "${workload}" is of the data class "${dataClass}", which is not defined.`,
    why: ({ known }) =>
      known.length === 0
        ? "residency.dataClasses defines none, so nothing says what may happen to this data."
        : `residency.dataClasses defines: ${known.join(", ")}.`,
    fix: ({ nearest, dataClass }) =>
      nearest === null
        ? `Add residency.dataClasses.${dataClass}, or name a class that is there.`
        : `Did you mean "${nearest}"? Otherwise add residency.dataClasses.${dataClass}.`,
    example: { workload: "support", dataClass: "custommer", known: ["customer", "public"], nearest: "customer" },
  }),
  "RES-103": entry<{ workload: string; mode: string }>({
    severity: "error",
    summary: "Requests are escalated under a mode that forbids it",
    title: ({ workload, mode }) => `The workload "${workload}" escalates requests, and residency.mode is ${mode}.`,
    why: ({ mode }) => `Under ${mode} no request goes to a provider, wherever it stands.`,
    fix: ({ workload }) =>
      `Remove workloads.${workload}.escalationShare; a second model of your own can take hard cases. Or set residency.mode to region-bound.`,
    example: { workload: "support", mode: "sovereign" },
  }),
  "RES-104": entry<{ workload: string; reason: string }>({
    severity: "error",
    summary: "Requests are escalated that must stay",
    title: ({ workload }) => `The workload "${workload}" escalates requests that may not leave the boundary.`,
    why: ({ reason }) => `${reason} An escalated request goes to the API under \`alternative\`.`,
    fix: ({ workload }) =>
      `Remove workloads.${workload}.escalationShare, or give the workload a data class with \`leavesBoundary: allowed\` if that is what its requests hold.`,
    example: { workload: "support", reason: 'Its data class "restricted" never leaves.' },
  }),
  "RES-105": entry<{ name: string; leavesBoundary: string; mode: string }>({
    severity: "error",
    summary: "A data class may leave, and the mode lets nothing leave",
    title: ({ name, leavesBoundary, mode }) =>
      `The data class "${name}" may leave (${leavesBoundary}), and residency.mode is ${mode}.`,
    why: ({ mode }) =>
      `Under ${mode} nothing leaves, so the class promises what never happens; one of the two is not meant.`,
    fix: ({ name }) => `Set residency.dataClasses.${name}.leavesBoundary to \`never\`, or the mode to region-bound.`,
    example: { name: "public", leavesBoundary: "allowed", mode: "sovereign" },
  }),
  "RES-106": entry<{ name: string; rule: string; mode: string }>({
    severity: "error",
    summary: "An exception from what the mode forbids outright",
    title: ({ name, rule, mode }) => `The exception "${name}" lifts ${rule}, which ${mode} forbids outright.`,
    why: () => outright,
    fix: ({ name }) => `Remove residency.exceptions.${name}, or set residency.mode to region-bound.`,
    example: { name: "weights-from-the-hub", rule: "public-hub", mode: "sovereign" },
  }),
  "RES-107": entry<{ name: string; subject: string }>({
    severity: "error",
    summary: "An exception is about nothing in the file",
    title: ({ name, subject }) => `The exception "${name}" is about \`${subject}\`, which is not in this file.`,
    why: () => "An exception for something that is gone would lift the rule for whatever takes that name next.",
    fix: ({ name }) =>
      `Remove residency.exceptions.${name}, or name what it is about as a path, such as \`models.chat.versions.v1\`.`,
    example: { name: "weights-from-the-hub", subject: "models.chatt" },
  }),
  "RES-108": entry<{ key: string; text: string; problem: string }>({
    severity: "error",
    summary: "A source is not one host",
    title: ({ key, text, problem }) => `residency.sources.${key} names ${JSON.stringify(text)}, which ${problem}.`,
    why: () =>
      "What may be fetched is told by this name alone, so it has to mean one host to every program and reader.",
    fix: () => "Write the host's full name in lower-case ASCII letters, such as `registry.example.com`.",
    example: {
      key: "registries",
      text: "*.example.com",
      problem: "holds a wildcard, which would allow hosts that nobody has read",
    },
  }),
  "RES-109": entry<{ text: string }>({
    severity: "error",
    summary: "A network is not one",
    title: ({ text }) => `residency.sources.networks names ${JSON.stringify(text)}, which is no network.`,
    why: () =>
      "A network is its first address and a length, `10.20.0.0/16`. An address with bits behind the length says two things, and programs read it differently.",
    fix: () => "Write the network's first address and its length; for a single host the length is 32, or 128 for IPv6.",
    example: { text: "10.20.0.1/16" },
  }),
  "RES-110": entry<{ text: string; prefixLength: number }>({
    severity: "error",
    summary: "A network swallows the world",
    title: ({ text }) => `residency.sources.networks names ${text}, which is no allow-list.`,
    why: ({ prefixLength }) =>
      `With a length of ${prefixLength} it covers hosts of strangers. Accepted are 8 and more for private addresses, 12 and more for other IPv4 addresses, 32 and more for other IPv6 addresses.`,
    fix: () => "Name the networks that the hub stands in.",
    example: { text: "0.0.0.0/0", prefixLength: 0 },
  }),
  "RES-111": entry<Record<never, never>>({
    severity: "error",
    summary: "A key stands where its place belongs",
    // The text itself is not repeated: findings end in logs.
    title: () => "residency.keys.reference holds what looks like a key.",
    why: () =>
      "This file is read by everybody who reviews it and stays in the history, so a key in it is no secret any more.",
    fix: () =>
      "Replace the key, because it has been written down, and refer to the new one by its ARN, name, address or `pkcs11:` reference.",
    example: {},
  }),
  "RES-112": entry<Record<never, never>>({
    severity: "error",
    summary: "A key is referred to in no known form",
    title: () => "residency.keys.reference is in none of the forms that say where a key is.",
    why: () => "Whether the key lies in an allowed region is read from its reference.",
    fix: () =>
      "Write `arn:aws:kms:REGION:ACCOUNT:key/ID`, `projects/P/locations/L/keyRings/R/cryptoKeys/K`, `https://NAME.vault.azure.net/keys/KEY` or `pkcs11:token=…;object=…`.",
    example: {},
  }),
  "RES-113": entry<{ custody: string; mode: string; least: string }>({
    severity: "error",
    summary: "The keys are held by somebody the mode does not trust",
    title: ({ custody, mode }) => `residency.keys.custody is ${custody}, and residency.mode is ${mode}.`,
    why: ({ mode, least }) => `${mode} asks for ${least} or more: whoever holds the key can read what it encrypts.`,
    fix: ({ least }) => `Move the key and set custody to ${least}, or choose a weaker mode.`,
    example: { custody: "provider", mode: "region-bound", least: "customer" },
  }),
  "RES-114": entry<{ text: string }>({
    severity: "error",
    summary: "An air-gapped stack reaches out of the building",
    title: ({ text }) => `residency.sources.networks names ${text}, which is not private address space.`,
    why: () => "Under air-gapped no connection leads out, and addresses outside the private ranges lie out there.",
    fix: () => "Name networks in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 or fc00::/7.",
    example: { text: "203.0.112.0/20" },
  }),
  "RES-115": entry<{ custody: string }>({
    severity: "error",
    summary: "It is not said where the key is",
    title: ({ custody }) => `residency.keys.custody is ${custody}, and residency.keys.reference is missing.`,
    why: () => "Without it nobody can tell which key is meant, or hold its region against the allowed ones.",
    fix: () => "Add the reference, such as `arn:aws:kms:eu-central-1:111122223333:key/ID`.",
    example: { custody: "customer" },
  }),
  "RES-120": entry<Record<never, never>>({
    severity: "error",
    summary: "A way out of an air-gapped stack",
    title: () => "residency.egress describes a way out, and residency.mode is air-gapped.",
    why: () =>
      "Under air-gapped no connection leads out of the building, so there is no proxy that could let one through.",
    fix: () => "Remove residency.egress, or set residency.mode to sovereign.",
    example: {},
  }),
  "RES-121": entry<{ workload: string; text: string; problem: string }>({
    severity: "error",
    summary: "A way out does not lead to one host",
    title: ({ workload, text, problem }) =>
      `residency.egress.hosts.${workload} names ${JSON.stringify(text)}, which ${problem}.`,
    why: () =>
      "The proxy lets a workload through to the hosts of this list and to no others, so each has to mean one host to every program and reader.",
    fix: () =>
      "Write the host's full name in lower-case ASCII letters, such as `storage.example.com`, with its port if that is not 443.",
    example: {
      workload: "fetch-weights",
      text: "*.example.com",
      problem: "holds a wildcard, which would allow hosts that nobody has read",
    },
  }),
  "RES-122": entry<{ image: string }>({
    severity: "error",
    summary: "What verifies signatures is not pinned",
    title: ({ image }) => `residency.signatures.image names ${image} without a digest.`,
    why: () => "Whoever owns the tag could replace the program that says what is genuine.",
    fix: () =>
      "Name it by digest, such as `registry.example.com/tools/model-signing@sha256:` and 64 hexadecimal digits.",
    example: { image: "registry.example.com/tools/model-signing:v1.1.1" },
  }),
  "RES-123": entry<{ word: string; known: readonly string[] }>({
    severity: "error",
    summary: "The verifier is given a place that nobody fills in",
    title: ({ word }) => `residency.signatures.command holds ${word}, which stands for nothing.`,
    why: ({ known }) => `Filled in are ${known.join(" and ")}; the program would be given the word as it is.`,
    fix: ({ known }) => `Use ${known.join(" or ")}, or write \`$$(\` where a program is to see \`$(\`.`,
    example: { word: "$(SNAPSHOT)", known: ["$(FREEHOLD_SNAPSHOT)", "$(FREEHOLD_PUBLIC_KEY)"] },
  }),
  "RES-124": entry<Record<never, never>>({
    severity: "error",
    summary: "The verifier is not told what to verify",
    title: () => "residency.signatures.command never names `$(FREEHOLD_SNAPSHOT)`.",
    why: () => "A program that does not look at the weights accepts every one.",
    fix: () => "Give it `$(FREEHOLD_SNAPSHOT)`, the folder that holds the weights.",
    example: {},
  }),
  "RES-125": entry<{ assistant: string; dataClass: string; mode: string }>({
    severity: "error",
    summary: "What is said about people is kept for ever",
    title: ({ assistant, dataClass }) =>
      `The assistant "${assistant}" takes data of the class "${dataClass}", and its threads are kept for ever.`,
    why: ({ mode }) =>
      `Threads hold every word of a conversation, and the class holds personal data; under ${mode} such data has a time limit.`,
    fix: () => "Set agents.retention.threadDays to the days after which a thread that nobody uses goes.",
    example: { assistant: "helpdesk", dataClass: "customer", mode: "region-bound" },
  }),
} as const;

/** RES-2xx: what was decided from it, and what speaks against deploying it. */
export const residencyDecisionCodes = {
  "RES-201": entry<{ name: string; until: string; acceptedBy: string; today: string }>({
    severity: "error",
    summary: "An exception is over",
    title: ({ name, until }) => `The exception "${name}" ended on ${until}.`,
    why: ({ acceptedBy, today }) => `${acceptedBy} accepted it up to that day, and today is ${today}.`,
    fix: () => "Mend what it was for and remove it. To go on with it, have it accepted again with another day.",
    example: { name: "weights-from-the-hub", until: "2026-11-01", acceptedBy: "head of platform", today: "2026-11-25" },
  }),
  "RES-202": entry<{ name: string; until: string; days: number; limitDays: number }>({
    severity: "error",
    summary: "An exception lasts too long",
    title: ({ name, until, days }) => `The exception "${name}" ends on ${until}, ${days} days from now.`,
    why: ({ limitDays }) =>
      `What lasts longer than ${limitDays} days is a rule and not an exception: nobody looks at it again.`,
    fix: ({ limitDays }) => `Choose a day at most ${limitDays} days ahead.`,
    example: { name: "weights-from-the-hub", until: "2028-01-01", days: 402, limitDays: 180 },
  }),
  "RES-203": entry<{ name: string; rule: string; subject: string }>({
    severity: "warning",
    summary: "An exception lifts nothing",
    title: ({ name, rule, subject }) =>
      `The exception "${name}" lifts ${rule} for \`${subject}\`, where nothing needs it.`,
    why: () => "What it was for is mended, and it would silently allow the same again.",
    fix: ({ name }) => `Remove residency.exceptions.${name}.`,
    example: { name: "weights-from-the-hub", rule: "public-hub", subject: "models" },
  }),
  "RES-204": entry<{ release: string; image: string; mode: string; allowed: readonly string[] }>({
    severity: "error",
    summary: "An image comes from a registry that is not allowed",
    title: ({ release, image }) => `${release} runs ${image}, which comes from a registry that is not allowed.`,
    why: ({ mode, allowed }) =>
      allowed.length === 0
        ? `Under ${mode} images come from registries that the file names, and residency.sources.registries names none.`
        : `residency.sources.registries allows: ${allowed.join(", ")}.`,
    fix: () =>
      "Copy the image into an allowed registry, set `image` to it (of the version, of gateway or agents, or under residency.egress) and run `freehold lock`; or add the registry under residency.sources.registries.",
    example: { release: "chat-v1", image: "docker.io/vllm/vllm-openai:v0.33.0", mode: "region-bound", allowed: [] },
  }),
  "RES-205": entry<{ mode: string }>({
    severity: "error",
    summary: "Weights come from nowhere",
    title: ({ mode }) => `residency.mode is ${mode}, and residency.sources.hub is missing.`,
    why: () => "Without it weights would be fetched from huggingface.co, which stands in no region that you named.",
    fix: () =>
      "Set residency.sources.hub to your mirror. Under region-bound an exception of the rule `public-hub` allows huggingface.co for a time.",
    example: { mode: "region-bound" },
  }),
  "RES-206": entry<{ mode: string; hub: string }>({
    severity: "error",
    summary: "It is not said where the hub stands",
    title: ({ hub }) => `Weights come from ${hub}, and residency.sources.networks is missing.`,
    why: ({ mode }) =>
      `Under ${mode} only the hub's networks may be reached, and nothing else; network policies know addresses and no names.`,
    fix: () =>
      "Add the networks of the hub, such as `networks: [10.20.0.0/16]`. Where the network plugin is Cilium, `cluster.existing.cni: cilium` lets hosts out by name instead.",
    example: { mode: "region-bound", hub: "hub.example.com" },
  }),
  "RES-207": entry<{ what: string; where: string; allowed: readonly string[] }>({
    severity: "error",
    summary: "Something is kept outside the allowed regions",
    title: ({ what, where }) => `${what} lies in ${where}, outside residency.regions.`,
    why: ({ allowed }) =>
      `residency.regions allows ${allowed.join(", ")}; what is not known to lie inside lies outside.`,
    fix: () => "Move it into an allowed region, or add its region to residency.regions if it is one.",
    example: { what: "The bucket of the state", where: "us-east-1", allowed: ["eu-central-1"] },
  }),
  "RES-208": entry<{ what: string; region: string; cloud: string; expected: string }>({
    severity: "error",
    summary: "A region of another cloud",
    title: ({ what, region, expected }) => `${what} is in the region ${region}, which is not one of ${expected}.`,
    why: ({ cloud }) => `That name is a region of ${cloud}.`,
    fix: ({ expected }) => `Write the region as ${expected} names it.`,
    example: { what: "The bucket of the state", region: "westeurope", cloud: "azure", expected: "aws" },
  }),
  "RES-209": entry<{ mode: string }>({
    severity: "error",
    summary: "It is not said who holds the keys",
    title: ({ mode }) => `residency.mode is ${mode}, and residency.keys is missing.`,
    why: () => "The provider would hold the keys of all that is kept, and could read it.",
    fix: () =>
      "Add residency.keys. Under region-bound an exception of the rule `provider-keys` leaves them with the provider for a time.",
    example: { mode: "region-bound" },
  }),
  "RES-210": entry<{ mode: string }>({
    severity: "error",
    summary: "The state is not encrypted with your key",
    title: () => "The bucket of the state names no key of yours.",
    why: ({ mode }) => `Under ${mode} what is kept is encrypted with a key that the provider does not hold.`,
    fix: () => "Set state.kmsKeyId to the key under residency.keys.reference.",
    example: { mode: "region-bound" },
  }),
  "RES-211": entry<{ component: string; mode: string; days: number; limitDays: number; floorAsOf: string }>({
    severity: "error",
    summary: "Nobody has looked at the advisories for long",
    title: ({ component, days, mode }) =>
      `The list of security advisories for ${component} is ${days} days old, and residency.mode is ${mode}.`,
    why: ({ limitDays, floorAsOf }) =>
      `Advisories have come monthly. After ${limitDays} days without a look, last on ${floorAsOf}, a release with a known hole would pass for a sound one.`,
    fix: () => "Update Freehold, or look the advisories up and change decisions/catalog/floors with the date.",
    example: { component: "vLLM", mode: "sovereign", days: 120, limitDays: 90, floorAsOf: "2026-10-29" },
  }),
  "RES-212": entry<{
    what: string;
    image: string;
    floor: string;
    mode: string;
    advisories: readonly string[];
    proposed: string | null;
  }>({
    severity: "error",
    summary: "Software with a published advisory under a residency",
    title: ({ what, image, floor }) =>
      floor === "none"
        ? `${what} runs ${image}, of which no release is known to be without an advisory.`
        : `${what} runs ${image}, and has published advisories; clear is ${floor}.`,
    why: ({ mode, advisories }) =>
      `Under ${mode} it stands beside data that must not leave, so a known way in is no warning: ${advisories.join(", ")}.`,
    fix: ({ proposed }) =>
      proposed === null
        ? "Run something else in its place, or remove it."
        : `Copy ${proposed} into your registry, or a newer release, set \`image\` to it and run \`freehold lock\`.`,
    example: {
      what: "chat-v1",
      image: "registry.example.com/vllm/vllm-openai:v0.30.0",
      floor: "0.32.0",
      mode: "region-bound",
      advisories: ["CVE-2026-115911"],
      proposed: "docker.io/vllm/vllm-openai:v0.33.0",
    },
  }),
  "RES-221": entry<{ mode: string }>({
    severity: "error",
    summary: "Nobody verifies who made the weights",
    title: ({ mode }) => `residency.mode is ${mode}, and residency.signatures is missing.`,
    why: () =>
      "Hashes say that weights are what the lock names, not that somebody you trust released them; here only your own key tells.",
    fix: () =>
      "Sign what your hub serves, put the public key into a Secret, and name both it and the image that verifies under residency.signatures.",
    example: { mode: "sovereign" },
  }),
  "RES-222": entry<{ image: string; mode: string; allowed: readonly string[] }>({
    severity: "error",
    summary: "What verifies signatures comes from a registry that is not allowed",
    title: ({ image }) => `residency.signatures.image is ${image}, which comes from a registry that is not allowed.`,
    why: ({ mode, allowed }) =>
      allowed.length === 0
        ? `Under ${mode} images come from registries that the file names, and residency.sources.registries names none.`
        : `residency.sources.registries allows: ${allowed.join(", ")}.`,
    fix: () => "Copy the image into an allowed registry and name it there, or add its registry.",
    example: { image: `docker.io/acme/verifier@sha256:${"5f".repeat(32)}`, mode: "region-bound", allowed: [] },
  }),
  "RES-223": entry<{ reference: string; file: string; mode: string }>({
    severity: "error",
    summary: "A model lacks a file that its engine fetches with the first prompt",
    title: ({ reference, file }) => `The lock has no ${file} for ${reference}.`,
    why: ({ mode }) =>
      `The engine starts without it and answers its probes; then it fetches the file from somebody else's storage when the first prompt comes. Under ${mode} it never gets there, and every prompt fails.`,
    fix: ({ file }) => `Put ${file} beside the weights at your hub, and run \`freehold lock\`.`,
    example: { reference: "openai/gpt-oss-20b@main", file: "o200k_base.tiktoken", mode: "air-gapped" },
  }),
} as const;
