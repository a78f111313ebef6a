import { entry } from "./entry.ts";

const neverByHand = "The lock holds only what registries and the hub have answered, so nobody edits it by hand.";
const nothingInvented = "Nothing new is written for it: a digest or commit that nobody has seen would not be a pin.";

/** LCK-2xx: reading, making and writing the lock file. 20x its text, 21x references, 22x hosts, 23x answers, 24x settings. */
export const resolveCodes = {
  "LCK-201": entry<{ problem: string }>({
    severity: "error",
    summary: "The lock file is not readable yaml",
    title: ({ problem }) => `The lock file cannot be read: ${problem}`,
    why: () => neverByHand,
    fix: () => "Take the file from version control again, or delete it and run `freehold lock`.",
    example: { problem: "Map keys must be unique" },
  }),
  "LCK-202": entry<{ key: string; problem: string }>({
    severity: "error",
    summary: "The lock file holds something that `freehold lock` does not write",
    title: ({ key, problem }) => `${key === "" ? "The lock file" : `\`${key}\` in the lock file`} ${problem}.`,
    why: () => `${neverByHand} What does not have the form it writes cannot be trusted to name what was reviewed.`,
    fix: () => "Take the file from version control again, or delete it and run `freehold lock`.",
    example: { key: "images.docker.io/vllm/vllm-openai:v1.digest", problem: "is not `sha256:` and 64 hex digits" },
  }),
  "LCK-203": entry<{ bytes: number; limitBytes: number }>({
    severity: "error",
    summary: "The lock file is larger than any lock",
    title: ({ bytes, limitBytes }) => `The lock file has ${bytes} bytes; at most ${limitBytes} are read.`,
    why: () => "A lock takes some kilobytes a model. A file of this size is something else.",
    fix: () => "Take the file from version control again, or delete it and run `freehold lock`.",
    example: { bytes: 9000000, limitBytes: 4194304 },
  }),
  "LCK-204": entry<{ found: number }>({
    severity: "error",
    summary: "The lock file was written by a newer Freehold",
    title: ({ found }) => `The lock file has version ${found}; this Freehold reads version 1.`,
    why: () => "A later version may say things that this one would pass over in silence.",
    fix: () => "Use the Freehold that wrote it, or delete the file and run `freehold lock`.",
    example: { found: 2 },
  }),

  "LCK-211": entry<{ text: string; detail: string }>({
    severity: "error",
    summary: "A text is no image or chart reference",
    title: ({ text, detail }) => `\`${text}\` cannot be read as a reference: ${detail}.`,
    why: () => "The lock asks the registry that the reference names, so it must be able to take it apart.",
    fix: () =>
      "Write an image as `registry/repository:tag`, such as `docker.io/vllm/vllm-openai:v0.11.0`, and a chart as `oci://registry/path/name:version`.",
    example: { text: "vllm/vLLM:v1", detail: "`vllm/vLLM` is not a repository" },
  }),
  "LCK-212": entry<{ text: string }>({
    severity: "error",
    summary: "A reference has neither tag nor digest",
    title: ({ text }) => `\`${text}\` names no version.`,
    why: () =>
      "Without a tag a registry answers with `latest`, and nobody who reads the file sees which release was meant.",
    fix: ({ text }) => `Name a release, such as \`${text}:<tag>\`, or a digest, \`${text}@sha256:<digest>\`.`,
    example: { text: "vllm/vllm-openai" },
  }),
  "LCK-213": entry<{ text: string }>({
    severity: "error",
    summary: "A reference asks for `latest`",
    title: ({ text }) => `\`${text}\` asks for \`latest\`, which names no version.`,
    why: () =>
      "Every `freehold lock` would jump to whatever was pushed last, and the review would show two digests without saying which release either is.",
    fix: () => "Name the release that you mean.",
    example: { text: "vllm/vllm-openai:latest" },
  }),
  "LCK-214": entry<{ key: string; known: readonly string[] }>({
    severity: "error",
    summary: "A reference to resolve is not in the stack file",
    title: ({ key }) => `The stack file asks for nothing called \`${key}\`.`,
    why: ({ known }) =>
      known.length === 0 ? "It asks for nothing at all." : `It asks for ${known.map((k) => `\`${k}\``).join(", ")}.`,
    fix: () => "Give a reference as the lock file spells it, or none to resolve all of them.",
    example: { key: "docker.io/vllm/vllm", known: ["docker.io/vllm/vllm-openai:v0.11.0"] },
  }),

  "LCK-221": entry<{ reference: string; host: string; detail: string }>({
    severity: "error",
    summary: "A registry or the hub cannot be reached",
    title: ({ reference, host }) => `\`${reference}\` is not resolved: ${host} cannot be reached.`,
    why: ({ detail }) => `The connection failed: ${detail}. ${nothingInvented}`,
    fix: ({ host }) =>
      `Run \`freehold lock\` on a machine that reaches ${host}; behind a proxy set HTTPS_PROXY, for a mirror set FREEHOLD_REGISTRY_MIRRORS or HF_ENDPOINT.`,
    example: {
      reference: "docker.io/vllm/vllm-openai:v1",
      host: "registry-1.docker.io",
      detail: "no such host",
    },
  }),
  "LCK-222": entry<{ reference: string; host: string; seconds: number }>({
    severity: "error",
    summary: "A registry or the hub does not answer in time",
    title: ({ reference, host, seconds }) =>
      `\`${reference}\` is not resolved: ${host} gave no answer in ${seconds} s.`,
    why: () => `The whole answer must be there within that time, so that the command ends. ${nothingInvented}`,
    fix: ({ host }) =>
      `Run \`freehold lock\` again; if it stays so, see whether ${host} is slow for others or a firewall drops the packets.`,
    example: { reference: "Qwen/Qwen3-32B@main", host: "huggingface.co", seconds: 30 },
  }),
  "LCK-223": entry<{ reference: string; host: string; detail: string }>({
    severity: "error",
    summary: "A TLS certificate is not trusted",
    title: ({ reference, host }) => `\`${reference}\` is not resolved: the certificate of ${host} is not trusted.`,
    why: ({ detail }) =>
      `The TLS handshake ended with: ${detail}. Whoever answers there could be anyone, and so could the digest.`,
    fix: () =>
      "If your company signs its own certificates, set NODE_EXTRA_CA_CERTS to a file with its root certificate (PEM).",
    example: {
      reference: "registry.example.com/a:v1",
      host: "registry.example.com",
      detail: "self-signed certificate",
    },
  }),
  "LCK-224": entry<{ reference: string; host: string; proxy: string; detail: string }>({
    severity: "error",
    summary: "The proxy refuses the connection",
    title: ({ reference, host, proxy }) =>
      `\`${reference}\` is not resolved: the proxy ${proxy} does not connect to ${host}.`,
    why: ({ detail }) => `The proxy ${detail}.`,
    fix: ({ host }) =>
      `Have the proxy allow ${host}:443, give a user and password in HTTPS_PROXY if it asks for them (\`http://user:password@host:port\`), or name ${host} in NO_PROXY.`,
    example: {
      reference: "Qwen/Qwen3-32B@main",
      host: "huggingface.co",
      proxy: "proxy.example.com:3128",
      detail: "answered 403 Forbidden",
    },
  }),
  "LCK-225": entry<{ reference: string; host: string; from: string }>({
    severity: "error",
    summary: "An address is plain http",
    title: ({ reference, host }) => `\`${reference}\` is not resolved: ${host} would be asked over plain http.`,
    why: ({ from }) =>
      `${from} leads there. Over http anybody on the way can answer with a digest of their own; it is used on loopback only.`,
    fix: () => "Use an https address.",
    example: { reference: "docker.io/vllm/vllm-openai:v1", host: "mirror.internal", from: "FREEHOLD_REGISTRY_MIRRORS" },
  }),
  "LCK-226": entry<{ reference: string; host: string; detail: string }>({
    severity: "error",
    summary: "Redirects lead nowhere",
    title: ({ reference, host }) => `\`${reference}\` is not resolved: ${host} redirects, but not to an answer.`,
    why: ({ detail }) => `${detail}.`,
    fix: ({ host }) => `See with \`curl -IL\` where ${host} leads; a login page or a captive portal often does this.`,
    example: {
      reference: "Qwen/Qwen3-32B@main",
      host: "huggingface.co",
      detail: "More than 5 redirects follow each other",
    },
  }),

  "LCK-231": entry<{ reference: string; host: string; status: number; account: string }>({
    severity: "error",
    summary: "A registry refuses access",
    title: ({ reference, host, status }) => `\`${reference}\` is not resolved: ${host} refuses access (${status}).`,
    why: ({ account }) =>
      `It was asked ${account}. Many registries answer like this for a repository that does not exist, too. ${nothingInvented}`,
    fix: ({ host }) =>
      `Check the spelling, then log in with \`docker login ${host}\` (read from DOCKER_CONFIG or ~/.docker/config.json), or put the credentials into DOCKER_AUTH_CONFIG.`,
    example: { reference: "ghcr.io/acme/engine:v1", host: "ghcr.io", status: 401, account: "without credentials" },
  }),
  "LCK-232": entry<{ reference: string; host: string }>({
    severity: "error",
    summary: "A registry does not have the reference",
    title: ({ reference, host }) => `\`${reference}\` is not resolved: ${host} has no such repository or tag (404).`,
    why: () => `The registry was reached and knows nothing under that name. ${nothingInvented}`,
    fix: () => "Check the spelling of repository and tag. If a mirror answered, see whether it holds this repository.",
    example: { reference: "docker.io/vllm/vllm-openai:v9.9.9", host: "registry-1.docker.io" },
  }),
  "LCK-233": entry<{ reference: string; host: string; waitSeconds: number | null }>({
    severity: "error",
    summary: "A registry or the hub limits requests",
    title: ({ reference, host }) => `\`${reference}\` is not resolved: ${host} takes no more requests for now (429).`,
    why: ({ waitSeconds }) =>
      waitSeconds === null
        ? "It was asked again after short pauses and did not say how long to wait."
        : `It asks to wait ${waitSeconds} s, or still refused after that.`,
    fix: () => "Run `freehold lock` later, or log in: accounts have higher limits. What is locked already stays.",
    example: { reference: "docker.io/vllm/vllm-openai:v1", host: "registry-1.docker.io", waitSeconds: 3600 },
  }),
  "LCK-234": entry<{ reference: string; host: string; status: number }>({
    severity: "error",
    summary: "A registry or the hub fails",
    title: ({ reference, host, status }) => `\`${reference}\` is not resolved: ${host} answered ${status}.`,
    why: () => `The fault is on that side or on the way. ${nothingInvented}`,
    fix: ({ host }) => `Run \`freehold lock\` again later, or see the status page of ${host}.`,
    example: { reference: "docker.io/vllm/vllm-openai:v1", host: "registry-1.docker.io", status: 503 },
  }),
  "LCK-235": entry<{ reference: string; host: string; promised: string; computed: string }>({
    severity: "error",
    summary: "The content does not match its digest",
    title: ({ reference, host }) => `\`${reference}\` is not resolved: what ${host} sent does not match its digest.`,
    why: ({ promised, computed }) =>
      `The digest given is ${promised}, the content has ${computed}. Either of them was changed on the way or in a cache.`,
    fix: () => "Ask the registry itself instead of a mirror or proxy. If it persists there, do not use the image.",
    example: {
      reference: "docker.io/vllm/vllm-openai:v1",
      host: "mirror.internal",
      promised: "sha256:…",
      computed: "sha256:…",
    },
  }),
  "LCK-236": entry<{ reference: string; host: string; detail: string }>({
    severity: "error",
    summary: "An answer cannot be used",
    title: ({ reference, host }) => `\`${reference}\` is not resolved: the answer of ${host} cannot be used.`,
    why: ({ detail }) => `${detail}. ${nothingInvented}`,
    fix: ({ host }) =>
      `Run \`freehold lock\` again. If it stays so, see with a browser or \`curl\` what ${host} sends: a login page, or a mirror of another kind.`,
    example: {
      reference: "Qwen/Qwen3-32B@main",
      host: "huggingface.co",
      detail: "The answer broke off after 120 bytes",
    },
  }),
  "LCK-237": entry<{ reference: string; host: string; status: number; token: string | null; gated: boolean }>({
    severity: "error",
    summary: "The hub refuses access to a model",
    title: ({ reference, host, status }) =>
      `\`${reference}\` is not resolved: ${host} refuses access to this model (${status}).`,
    why: ({ token, gated }) =>
      `${gated ? "The model is gated" : "It is private, gated or does not exist"}; it was asked ${token === null ? "without a token" : `with the token from ${token}`}.`,
    fix: ({ token }) =>
      `Check the spelling and accept the model's terms on its page${token === null ? ", then set HF_TOKEN to a token that may read it" : "; the token must belong to that account and may need the permission for gated repositories"}.`,
    example: {
      reference: "meta-llama/Llama-3.1-8B@main",
      host: "huggingface.co",
      status: 401,
      token: null,
      gated: true,
    },
  }),
  "LCK-238": entry<{ reference: string; host: string; missing: "revision" | "model" }>({
    severity: "error",
    summary: "The hub does not have the model or revision",
    title: ({ reference, host, missing }) => `\`${reference}\` is not resolved: ${host} has no such ${missing} (404).`,
    why: ({ missing }) =>
      missing === "revision"
        ? "The model is there; the branch, tag or commit after `@` is not."
        : "No model has that owner and name, or the mirror does not hold it.",
    fix: ({ missing }) =>
      missing === "revision"
        ? "Name a branch, tag or full commit of the model."
        : "Check `repository`: `owner/name`, with its capital letters.",
    example: { reference: "Qwen/Qwen3-32B@release", host: "huggingface.co", missing: "revision" },
  }),
  "LCK-239": entry<{ reference: string; unserved: readonly string[] }>({
    severity: "error",
    summary: "A model has no safetensors weights",
    title: ({ reference, unserved }) =>
      `\`${reference}\` cannot be served: ${unserved.length === 0 ? "it holds no weights" : "weights it needs are not safetensors"}.`,
    why: ({ unserved }) =>
      unserved.length === 0
        ? "No file at its root ends in `.safetensors`."
        : `It has ${list(unserved)} instead. Pickled weights (.bin, .pt, .pth, .ckpt) can run any code in the pod that loads them, and GGUF and the like are formats of other engines.`,
    fix: () =>
      "Choose a revision or a conversion of the model that has safetensors; many repositories keep one in a branch or pull request (`refs/pr/<n>`).",
    example: { reference: "acme/old-model@main", unserved: ["pytorch_model.bin"] },
  }),

  "LCK-240": entry<{ reference: string }>({
    severity: "warning",
    summary: "A gated model has no token for the cluster",
    title: ({ reference }) => `\`${reference}\` is gated, and no \`tokenSecret\` opens it to the cluster.`,
    why: () =>
      "The hub tells anybody which files it has, but hands them only to accounts that accepted its terms, so the fetch Job would be refused.",
    fix: () =>
      "Add `weights.tokenSecret` with the name of a Secret whose key `token` holds such an account's token, unless the cluster fetches from a mirror that needs none.",
    example: { reference: "meta-llama/Llama-3.1-8B@main" },
  }),

  "LCK-241": entry<{ reference: string; host: string; source: string; detail: string }>({
    severity: "error",
    summary: "Registry credentials cannot be read",
    title: ({ reference, host }) => `\`${reference}\` is not resolved: the credentials for ${host} cannot be read.`,
    why: ({ source, detail }) => `${source}: ${detail}.`,
    fix: ({ host }) =>
      `Repair it or run \`docker login ${host}\` again. Without an entry for ${host} the registry is asked anonymously.`,
    example: {
      reference: "ghcr.io/acme/engine:v1",
      host: "ghcr.io",
      source: "docker-credential-pass",
      detail: "it is not on PATH",
    },
  }),
  "LCK-242": entry<{ variable: string; detail: string; form: string }>({
    severity: "error",
    summary: "An environment variable cannot be used",
    title: ({ variable, detail }) => `${variable} cannot be used: ${detail}.`,
    why: () => "Going on without it could ask another host than the one you meant.",
    fix: ({ variable, form }) => `Set ${variable} as ${form}, or unset it.`,
    example: {
      variable: "FREEHOLD_REGISTRY_MIRRORS",
      detail: "`docker.io` has no `=`",
      form: "`docker.io=mirror.example.com/dockerhub`",
    },
  }),
} as const;

function list(names: readonly string[]): string {
  const shown = names
    .slice(0, 3)
    .map((name) => `\`${name}\``)
    .join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
