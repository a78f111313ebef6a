import type { Sourced } from "./sourced.ts";

/** How vLLM finds the calls of tools in what models of a family write. */
interface ToolParser extends Sourced {
  /** Names of the family's repositories, without the owner: whoever republishes them in another number format keeps the name. */
  readonly names: RegExp;
  /** Value of `--tool-call-parser`. */
  readonly parser: string;
}

const source = "github.com/vllm-project/vllm docs/features/tool_calling.md at 0064cc9";
const asOf = "2026-11-26";

/**
 * Families whose own chat template takes tools, so that nothing but the parser has to be named. Those that need a template of
 * vLLM's examples, such as DeepSeek's, are left out, and so are models that nobody says call tools.
 */
export const toolParsers: readonly ToolParser[] = [
  { names: /^Qwen3-Coder-/, parser: "qwen3_xml", source, asOf },
  { names: /^(Qwen2\.5-\d|QwQ-32B)/, parser: "hermes", source, asOf },
  {
    names: /^Qwen3-\d/,
    parser: "hermes",
    source: "https://qwen.readthedocs.io/en/latest/framework/function_call.html",
    asOf: "unknown",
  },
  { names: /^(Meta-)?Llama-3\.[123]-\d+B-Instruct/, parser: "llama3_json", source, asOf },
  { names: /^Mistral-7B-Instruct-v0\.3/, parser: "mistral", source, asOf },
  { names: /^gpt-oss-\d/, parser: "openai", source, asOf },
  { names: /^Kimi-K2-Instruct/, parser: "kimi_k2", source, asOf },
  { names: /^GLM-4\.[56]/, parser: "glm45", source, asOf },
  { names: /^GLM-4\.7/, parser: "glm47", source, asOf },
];
