import { entry } from "./entry.ts";

const run = "Run `freehold lock` on a machine with a network and commit stack.lock.yaml.";

/**
 * LCK-1xx: use of the lock. What is one finding to the reader has two codes where its weight differs: on the local
 * target containers are simulated, so an open reference harms nobody there.
 */
export const lockCodes = {
  "LCK-101": entry<{ reference: string; target: string }>({
    severity: "error",
    summary: "An image has no digest in the lock",
    title: ({ reference }) => `The image ${reference} has no digest in the lock.`,
    why: ({ target }) =>
      `A tag can be moved after the review, so the ${target} target deploys only digests from the lock.`,
    fix: () => run,
    example: { reference: "docker.io/vllm/vllm-openai:v0.33.0", target: "existing" },
  }),
  "LCK-102": entry<{ reference: string; target: string }>({
    severity: "error",
    summary: "Weights have no commit in the lock",
    title: ({ reference }) => `The weights ${reference} have no commit in the lock.`,
    why: ({ target }) =>
      `A branch or tag can be moved after the review, so the ${target} target serves only commits from the lock, whose files are checked when they are fetched.`,
    fix: () => run,
    example: { reference: "Qwen/Qwen3-32B@main", target: "existing" },
  }),
  "LCK-103": entry<{ belongsTo: string; stack: string }>({
    severity: "error",
    summary: "The lock belongs to another stack file",
    title: ({ belongsTo, stack }) => `The lock file belongs to ${belongsTo}; this stack is ${stack}.`,
    why: () => "Deploying another stack's digests and commits would deploy what nobody reviewed for this one.",
    fix: () => "Put this stack's own lock beside the stack file, or delete the lock and run `freehold lock`.",
    example: { belongsTo: "support-agents/production", stack: "support-agents/trial" },
  }),
  "LCK-104": entry<{ target: string; images: number; weights: number }>({
    severity: "error",
    summary: "There is no lock",
    title: ({ target }) => `There is no stack.lock.yaml, and the ${target} target deploys only what is locked.`,
    why: ({ images, weights }) =>
      `Tags and branches can be moved after the review. ${images} image ${images === 1 ? "reference" : "references"} and ${weights} model ${weights === 1 ? "reference" : "references"} of this file are open.`,
    fix: () => run,
    example: { target: "existing", images: 1, weights: 2 },
  }),
  "LCK-105": entry<{ section: string; reference: string }>({
    severity: "warning",
    summary: "The lock has an entry that nothing uses",
    title: ({ reference, section }) =>
      `Nothing in the stack file uses ${reference}, which the lock has under ${section}.`,
    why: () => "A leftover entry harms nothing, but whoever reviews the lock takes it for something that is deployed.",
    fix: () => "Run `freehold lock`, which writes only what the stack file asks for.",
    example: { section: "images", reference: "docker.io/vllm/vllm-openai:v0.32.0" },
  }),
  "LCK-106": entry<{ repository: string; revision: string; commit: string }>({
    severity: "error",
    summary: "The lock has another commit than the one the file names",
    title: ({ repository, revision, commit }) =>
      `The file asks for commit ${revision} of ${repository}, and the lock has ${commit} for it.`,
    why: () => "A full commit resolves to itself, so one of the two was changed by hand.",
    fix: () => "Restore the commit that was reviewed, then run `freehold lock`.",
    example: {
      repository: "Qwen/Qwen3-32B",
      revision: "0000000000000000000000000000000000000000",
      commit: "1111111111111111111111111111111111111111",
    },
  }),
  "LCK-107": entry<{ reference: string }>({
    severity: "warning",
    summary: "An image has no digest in the lock (local target)",
    title: ({ reference }) => `The image ${reference} has no digest in the lock.`,
    why: () =>
      "The local target simulates containers, so nothing is pulled and the tag does for a trial. Every other target refuses it.",
    fix: () => run,
    example: { reference: "docker.io/vllm/vllm-openai:v0.33.0" },
  }),
  "LCK-108": entry<{ reference: string }>({
    severity: "warning",
    summary: "Weights have no commit in the lock (local target)",
    title: ({ reference }) => `The weights ${reference} have no commit in the lock.`,
    why: () =>
      "The local target simulates containers, so nothing is fetched and the branch does for a trial. Every other target refuses it.",
    fix: () => run,
    example: { reference: "Qwen/Qwen3-32B@main" },
  }),
  "LCK-109": entry<{ reference: string; file: string }>({
    severity: "warning",
    summary: "A model lacks a file that its engine fetches with the first prompt",
    title: ({ reference, file }) => `The lock has no ${file} for ${reference}.`,
    why: () =>
      "The engine starts without it and answers its probes; then it fetches the file when the first prompt comes, and its pod has no way out.",
    fix: ({ file }) =>
      `Serve the weights from a repository that holds ${file} as well, such as a copy of your own, and run \`freehold lock\`. If your engine's image holds it, give LCK-109 and that reason under \`silence\`.`,
    example: { reference: "openai/gpt-oss-20b@main", file: "o200k_base.tiktoken" },
  }),
} as const;
