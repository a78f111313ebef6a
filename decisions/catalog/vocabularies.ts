import type { Sourced } from "./sourced.ts";

/** A file with which text becomes tokens, and which an engine fetches by itself when the first prompt comes. */
interface Vocabulary extends Sourced {
  /** Name of the file. */
  readonly file: string;
  /** Variable that tells the engine in which folder it lies. */
  readonly variable: string;
  /** Ends of repositories whose models need it. */
  readonly repositories: RegExp;
}

/** Such files by what they are called. An engine starts without them, answers its probes, and fails with its first prompt. */
export const vocabularies: Readonly<Record<string, Vocabulary>> = {
  harmony: {
    file: "o200k_base.tiktoken",
    variable: "TIKTOKEN_ENCODINGS_BASE",
    repositories: /(^|\/)gpt-oss-[^/]*$/i,
    source: "github.com/eugr/spark-vllm-docker issue 395 (vLLM 0.26); github.com/ogx-ai/ogx issue 5337",
    asOf: "2026-09-14",
  },
};
