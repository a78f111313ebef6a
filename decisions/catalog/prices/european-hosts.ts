import { priceList } from "./price-list.ts";

/** Mistral, on its own API. */
export const mistral = priceList({
  "devstral-small": { input: 0.1, output: 0.3 },
  "magistral-medium": { input: 2, output: 5 },
  "magistral-small": { input: 0.5, output: 1.5 },
  "mistral-large": { input: 2, output: 6 },
  "mistral-large-2512": { input: 0.5, output: 1.5, cacheRead: 0.05, contextTokens: 262_144 },
  "mistral-medium-2312": { input: 2.7, output: 8.1 },
  "mistral-medium-3-1": { input: 0.4, output: 2, cacheRead: 0.04 },
  "mistral-medium-3-5": { input: 1.5, output: 7.5, cacheRead: 0.15, contextTokens: 262_144 },
  "mistral-medium-latest": { input: 1.5, output: 7.5, cacheRead: 0.15 },
  "mistral-small-24b-instruct-2501": { input: 0.05, output: 0.08, serves: "mistralai/Mistral-Small-24B-Instruct-2501" },
  "mistral-small-2603": { input: 0.15, output: 0.6, cacheRead: 0.015, contextTokens: 262_144 },
  "mistral-small-3.1-24b-instruct": { input: 0.351, output: 0.555 },
  "mistral-small-3.2-24b-instruct": {
    input: 0.075,
    output: 0.2,
    serves: "mistralai/Mistral-Small-3.2-24B-Instruct-2506",
  },
  "mistral-small-latest": { input: 0.1, output: 0.3 },
  "pixtral-large": { input: 2, output: 6 },
  "voxtral-small-24b-2507": { input: 0.1, output: 0.4, cacheRead: 0.01, contextTokens: 32_768 },
});

/** Nebius, as listed through Hugging Face's router. */
export const nebius = priceList({
  "Qwen/Qwen3-235B-A22B-Instruct-2507": {
    input: 0.2,
    output: 0.6,
    contextTokens: 262_144,
    serves: "Qwen/Qwen3-235B-A22B-Instruct-2507",
  },
  "Qwen/Qwen3-235B-A22B-Thinking-2507": {
    input: 0.2,
    output: 0.8,
    contextTokens: 262_144,
    serves: "Qwen/Qwen3-235B-A22B-Thinking-2507",
  },
  "Qwen/Qwen3-30B-A3B-Instruct-2507": {
    input: 0.1,
    output: 0.3,
    contextTokens: 262_144,
    serves: "Qwen/Qwen3-30B-A3B-Instruct-2507",
  },
  "Qwen/Qwen3-30B-A3B-Thinking-2507": {
    input: 0.1,
    output: 0.3,
    contextTokens: 262_144,
    serves: "Qwen/Qwen3-30B-A3B-Thinking-2507",
  },
  "Qwen/Qwen3-32B": { input: 0.1, output: 0.3, contextTokens: 40_960, serves: "Qwen/Qwen3-32B" },
  "Qwen/Qwen3-Coder-30B-A3B-Instruct": {
    input: 0.1,
    output: 0.3,
    contextTokens: 262_144,
    serves: "Qwen/Qwen3-Coder-30B-A3B-Instruct",
  },
  "Qwen/Qwen3-Coder-480B-A35B-Instruct": {
    input: 0.4,
    output: 1.8,
    contextTokens: 262_144,
    serves: "Qwen/Qwen3-Coder-480B-A35B-Instruct",
  },
  "deepseek-ai/DeepSeek-R1-0528": {
    input: 0.8,
    output: 2.4,
    contextTokens: 163_840,
    serves: "deepseek-ai/DeepSeek-R1-0528",
  },
  "deepseek-ai/DeepSeek-V3-0324": {
    input: 0.75,
    output: 2.25,
    contextTokens: 32_768,
    serves: "deepseek-ai/DeepSeek-V3-0324",
  },
  "google/gemma-2-2b-it": { input: 0.02, output: 0.06, contextTokens: 8_192, serves: "google/gemma-2-2b-it" },
  "google/gemma-2-9b-it": { input: 0.03, output: 0.09, contextTokens: 8_192, serves: "google/gemma-2-9b-it" },
  "google/gemma-3-27b-it": { input: 0.2, output: 0.6, contextTokens: 110_000, serves: "google/gemma-3-27b-it" },
  "meta-llama/Llama-3.1-8B-Instruct": {
    input: 0.03,
    output: 0.09,
    contextTokens: 131_072,
    serves: "meta-llama/Llama-3.1-8B-Instruct",
  },
  "meta-llama/Llama-3.3-70B-Instruct": {
    input: 0.25,
    output: 0.75,
    contextTokens: 131_072,
    serves: "meta-llama/Llama-3.3-70B-Instruct",
  },
  "nvidia/Llama-3_1-Nemotron-Ultra-253B-v1": {
    input: 0.6,
    output: 1.8,
    contextTokens: 131_072,
    serves: "nvidia/Llama-3_1-Nemotron-Ultra-253B-v1",
  },
  "openai/gpt-oss-120b": { input: 0.15, output: 0.6, contextTokens: 131_072, serves: "openai/gpt-oss-120b" },
});

/** OVHcloud AI Endpoints. */
export const ovhcloud = priceList({
  "DeepSeek-R1-Distill-Llama-70B": {
    input: 0.74,
    output: 0.74,
    contextTokens: 131_072,
    serves: "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
  },
  "Llama-3.1-8B-Instruct": {
    input: 0.11,
    output: 0.11,
    contextTokens: 131_072,
    serves: "meta-llama/Llama-3.1-8B-Instruct",
  },
  "Meta-Llama-3_3-70B-Instruct": {
    input: 0.74,
    output: 0.74,
    contextTokens: 131_072,
    serves: "meta-llama/Llama-3.3-70B-Instruct",
  },
  "Mistral-7B-Instruct-v0.3": {
    input: 0.11,
    output: 0.11,
    contextTokens: 65_536,
    serves: "mistralai/Mistral-7B-Instruct-v0.3",
  },
  "Mistral-Nemo-Instruct-2407": {
    input: 0.14,
    output: 0.14,
    contextTokens: 65_536,
    serves: "mistralai/Mistral-Nemo-Instruct-2407",
  },
  "Mistral-Small-3.2-24B-Instruct-2506": {
    input: 0.1,
    output: 0.31,
    contextTokens: 131_072,
    serves: "mistralai/Mistral-Small-3.2-24B-Instruct-2506",
  },
  "Qwen2.5-VL-72B-Instruct": {
    input: 1.01,
    output: 1.01,
    contextTokens: 32_768,
    serves: "Qwen/Qwen2.5-VL-72B-Instruct",
  },
  "Qwen3-32B": { input: 0.09, output: 0.25, contextTokens: 32_768, serves: "Qwen/Qwen3-32B" },
  "Qwen3-Coder-30B-A3B-Instruct": {
    input: 0.07,
    output: 0.26,
    contextTokens: 262_144,
    serves: "Qwen/Qwen3-Coder-30B-A3B-Instruct",
  },
  "gpt-oss-120b": { input: 0.09, output: 0.47, contextTokens: 131_072, serves: "openai/gpt-oss-120b" },
  "gpt-oss-20b": { input: 0.05, output: 0.18, contextTokens: 131_072, serves: "openai/gpt-oss-20b" },
});

/** Scaleway. Its own pages price in euros; the copy prints the same figures as dollars, so they may be low by the exchange rate. */
export const scaleway = priceList(
  {
    "deepseek-r1-distill-llama-70b": {
      input: 0.9,
      output: 0.9,
      contextTokens: 32_000,
      serves: "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
    },
    "gemma-3-27b-it": { input: 0.25, output: 0.5, contextTokens: 40_000, serves: "google/gemma-3-27b-it" },
    "gpt-oss-120b": { input: 0.15, output: 0.6, contextTokens: 128_000, serves: "openai/gpt-oss-120b" },
    "llama-3.1-8b-instruct": {
      input: 0.2,
      output: 0.2,
      contextTokens: 128_000,
      serves: "meta-llama/Llama-3.1-8B-Instruct",
    },
    "llama-3.3-70b-instruct": {
      input: 0.9,
      output: 0.9,
      contextTokens: 100_000,
      serves: "meta-llama/Llama-3.3-70B-Instruct",
    },
    "mistral-nemo-instruct-2407": {
      input: 0.2,
      output: 0.2,
      contextTokens: 128_000,
      serves: "mistralai/Mistral-Nemo-Instruct-2407",
    },
    "mistral-small-3.2-24b-instruct-2506": {
      input: 0.15,
      output: 0.35,
      contextTokens: 128_000,
      serves: "mistralai/Mistral-Small-3.2-24B-Instruct-2506",
    },
    "pixtral-12b-2409": { input: 0.2, output: 0.2, contextTokens: 128_000, serves: "mistralai/Pixtral-12B-2409" },
    "qwen3-235b-a22b-instruct-2507": {
      input: 0.75,
      output: 2,
      contextTokens: 40_000,
      serves: "Qwen/Qwen3-235B-A22B-Instruct-2507",
    },
  },
  {
    source:
      "https://mastra.ai/en/models/providers/scaleway (from models.dev); https://www.scaleway.com/en/docs/generative-apis/faq gives 0.90 euros where it prints 0.90 dollars",
    asOf: "unknown",
  },
);
