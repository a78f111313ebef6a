import { priceList } from "./price-list.ts";

const hoursUnclear = "The source lists hours of day with other prices and does not settle which this one is.";

/** Open models on Amazon Bedrock. */
export const aws = priceList({
  "deepseek.r1-v1:0": { input: 1.35, output: 5.4, contextTokens: 128_000, serves: "deepseek-ai/DeepSeek-R1" },
  "meta.llama3-3-70b-instruct-v1:0": {
    input: 0.72,
    output: 0.72,
    contextTokens: 128_000,
    serves: "meta-llama/Llama-3.3-70B-Instruct",
  },
  "openai.gpt-oss-120b-1:0": { input: 0.15, output: 0.6, contextTokens: 128_000, serves: "openai/gpt-oss-120b" },
  "openai.gpt-oss-20b-1:0": { input: 0.07, output: 0.3, contextTokens: 128_000, serves: "openai/gpt-oss-20b" },
  "qwen.qwen3-32b-v1:0": { input: 0.15, output: 0.6, contextTokens: 32_000, serves: "Qwen/Qwen3-32B" },
  "qwen.qwen3-coder-30b-a3b-v1:0": {
    input: 0.15,
    output: 0.6,
    contextTokens: 256_000,
    serves: "Qwen/Qwen3-Coder-30B-A3B-Instruct",
  },
  "qwen.qwen3-coder-480b-a35b-v1:0": {
    input: 0.45,
    output: 1.8,
    contextTokens: 128_000,
    serves: "Qwen/Qwen3-Coder-480B-A35B-Instruct",
  },
  "qwen.qwen3-vl-235b-a22b-v1:0": {
    input: 0.53,
    output: 2.66,
    contextTokens: 256_000,
    serves: "Qwen/Qwen3-VL-235B-A22B-Instruct",
  },
});

/** Baseten. */
export const baseten = priceList({
  "deepseek-ai/DeepSeek-V4-Flash-0731": { input: 0.13, output: 0.26, cacheRead: 0.028, contextTokens: 1_048_000 },
  "deepseek-ai/DeepSeek-V4-Pro": {
    input: 1.74,
    output: 3.48,
    cacheRead: 0.145,
    contextTokens: 1_048_000,
    serves: "deepseek-ai/DeepSeek-V4-Pro",
  },
  "deepseek-ai/DeepSeek-V4-Pro-0813": { input: 1.32, output: 3.96, cacheRead: 0.132, contextTokens: 1_048_000 },
  "moonshotai/Kimi-K2.6": {
    input: 0.95,
    output: 4,
    cacheRead: 0.16,
    contextTokens: 262_000,
    serves: "moonshotai/Kimi-K2.6",
  },
  "moonshotai/Kimi-K2.7-Code": { input: 0.95, output: 4, cacheRead: 0.16, contextTokens: 262_000 },
  "moonshotai/Kimi-K3": {
    input: 3,
    output: 15,
    cacheRead: 0.3,
    contextTokens: 1_048_000,
    serves: "moonshotai/Kimi-K3",
  },
  "nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B": { input: 0.6, output: 2.4, cacheRead: 0.12, contextTokens: 202_000 },
  "openai/gpt-oss-120b": { input: 0.1, output: 0.5, contextTokens: 128_000, serves: "openai/gpt-oss-120b" },
  "thinkingmachines/inkling": { input: 1, output: 4.05, cacheRead: 0.17, contextTokens: 1_048_000 },
  "thinkingmachines/inkling-small": { input: 0.5, output: 1.2, cacheRead: 0.1, contextTokens: 1_048_000 },
  "zai-org/GLM-4.7": { input: 0.6, output: 2.2, cacheRead: 0.12, contextTokens: 200_000, serves: "zai-org/GLM-4.7" },
  "zai-org/GLM-5.2": { input: 1.4, output: 4.4, cacheRead: 0.14, contextTokens: 1_048_000, serves: "zai-org/GLM-5.2" },
  "zai-org/GLM-5.2-Fast": { input: 2.1, output: 6.6, cacheRead: 0.21, contextTokens: 1_048_000 },
  "zai-org/GLM-5.3": { input: 1.4, output: 4.4, cacheRead: 0.14, contextTokens: 1_048_000, serves: "zai-org/GLM-5.3" },
  "zai-org/GLM-5.3-Flash": { input: 0.15, output: 0.5, cacheRead: 0.03, contextTokens: 1_048_000 },
});

/** Cerebras. */
export const cerebras = priceList({
  "gpt-oss-120b": { input: 0.35, output: 0.75, contextTokens: 131_072, serves: "openai/gpt-oss-120b" },
  "llama-3.3-70b": { input: 0.85, output: 1.2, contextTokens: 128_000, serves: "meta-llama/Llama-3.3-70B-Instruct" },
  "llama3.1-8b": { input: 0.1, output: 0.1, contextTokens: 32_768, serves: "meta-llama/Llama-3.1-8B-Instruct" },
  "qwen-3-32b": { input: 0.4, output: 0.8, contextTokens: 131_072, serves: "Qwen/Qwen3-32B" },
  "zai-glm-4.7": { input: 2.25, output: 2.75, contextTokens: 131_072, serves: "zai-org/GLM-4.7" },
});

/** DeepSeek's own API; V4 costs twice as much from 01:00 to 04:00 and from 06:00 to 10:00 UTC. */
export const deepseek = priceList({
  "deepseek-chat": { input: 0.135, output: 0.55, cacheRead: 0.035, contextTokens: 64_000, note: hoursUnclear },
  "deepseek-reasoner": { input: 0.135, output: 0.55, cacheRead: 0.035, contextTokens: 64_000, note: hoursUnclear },
  "deepseek-v3.1-terminus": {
    input: 0.27,
    output: 0.95,
    cacheRead: 0.13,
    contextTokens: 128_000,
    serves: "deepseek-ai/DeepSeek-V3.1-Terminus",
  },
  "deepseek-v3.2": { input: 0.2288, output: 0.3432, contextTokens: 128_000, serves: "deepseek-ai/DeepSeek-V3.2" },
  "deepseek-v3.2-exp": { input: 0.27, output: 0.41, contextTokens: 128_000, serves: "deepseek-ai/DeepSeek-V3.2-Exp" },
  "deepseek-v4-flash": {
    input: 0.22,
    output: 0.66,
    cacheRead: 0.007,
    contextTokens: 1_000_000,
    serves: "deepseek-ai/DeepSeek-V4-Flash",
    busyHours: { factor: 2, hoursPerDay: 7 },
  },
  "deepseek-v4-pro": {
    input: 0.66,
    output: 1.98,
    cacheRead: 0.022,
    contextTokens: 1_000_000,
    serves: "deepseek-ai/DeepSeek-V4-Pro",
    busyHours: { factor: 2, hoursPerDay: 7 },
  },
});

/** Fireworks. */
export const fireworks = priceList({
  "deepseek-r1-0528": { input: 3, output: 8, contextTokens: 160_000, serves: "deepseek-ai/DeepSeek-R1-0528" },
  "deepseek-v3-0324": { input: 0.9, output: 0.9, contextTokens: 160_000, serves: "deepseek-ai/DeepSeek-V3-0324" },
  "deepseek-v3p2": {
    input: 0.56,
    output: 1.68,
    cacheRead: 0.28,
    contextTokens: 163_840,
    serves: "deepseek-ai/DeepSeek-V3.2",
  },
  "deepseek-v4-flash": {
    input: 0.14,
    output: 0.28,
    cacheRead: 0.028,
    contextTokens: 1_040_000,
    serves: "deepseek-ai/DeepSeek-V4-Flash",
  },
  "deepseek-v4-pro": {
    input: 1.74,
    output: 3.48,
    cacheRead: 0.145,
    contextTokens: 1_048_576,
    serves: "deepseek-ai/DeepSeek-V4-Pro",
  },
  "glm-4p7": { input: 0.6, output: 2.2, contextTokens: 202_752, serves: "zai-org/GLM-4.7" },
  "glm-5p1": { input: 1.4, output: 4.4, cacheRead: 0.26, serves: "zai-org/GLM-5.1" },
  "glm-5p1-fast": { input: 2.8, output: 8.8, cacheRead: 0.52 },
  "glm-5p2": { input: 1.4, output: 4.4, cacheRead: 0.14, contextTokens: 1_040_000, serves: "zai-org/GLM-5.2" },
  "glm-5p2-fast": { input: 2.1, output: 6.6, cacheRead: 0.21, contextTokens: 1_040_000 },
  "gpt-oss-120b": { input: 0.15, output: 0.6, cacheRead: 0.014, contextTokens: 131_072, serves: "openai/gpt-oss-120b" },
  "gpt-oss-20b": { input: 0.07, output: 0.3, cacheRead: 0.035, contextTokens: 131_072, serves: "openai/gpt-oss-20b" },
  "kimi-k2p5": { input: 0.6, output: 3, cacheRead: 0.1, contextTokens: 262_144, serves: "moonshotai/Kimi-K2.5" },
  "kimi-k2p6": { input: 0.95, output: 4, cacheRead: 0.16, serves: "moonshotai/Kimi-K2.6" },
  "kimi-k2p6-fast": { input: 2, output: 8, cacheRead: 0.3, contextTokens: 262_144 },
  "kimi-k2p7-code": { input: 0.95, output: 4, cacheRead: 0.19, contextTokens: 262_144 },
  "kimi-k2p7-code-fast": { input: 1.9, output: 8, cacheRead: 0.38, contextTokens: 262_144 },
  "kimi-k3": { input: 3, output: 15, cacheRead: 0.3, contextTokens: 1_040_000, serves: "moonshotai/Kimi-K3" },
  "kimi-k3-fast": { input: 4.5, output: 22.5, cacheRead: 0.45, contextTokens: 1_040_000 },
  "kimi-k3-us": { input: 3.3, output: 16.5, cacheRead: 0.33, contextTokens: 1_040_000 },
  "minimax-m2p1": { input: 0.3, output: 1.2, contextTokens: 204_800, serves: "MiniMaxAI/MiniMax-M2.1" },
  "minimax-m2p7": { input: 0.3, output: 1.2, cacheRead: 0.06, serves: "MiniMaxAI/MiniMax-M2.7" },
  "minimax-m3": { input: 0.3, output: 1.2, cacheRead: 0.06, contextTokens: 524_288, serves: "MiniMaxAI/MiniMax-M3" },
  "qwen3-235b-a22b": { input: 0.22, output: 0.88, contextTokens: 128_000, serves: "Qwen/Qwen3-235B-A22B" },
  "qwen3p6-plus": { input: 0.5, output: 3, cacheRead: 0.1 },
  "qwen3p7-plus": { input: 0.4, output: 1.6, cacheRead: 0.08, contextTokens: 262_144 },
});

/** Groq. */
export const groq = priceList({
  "deepseek-r1-distill-llama-70b": {
    input: 0.75,
    output: 0.99,
    contextTokens: 131_072,
    serves: "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
  },
  "llama-3.1-405b-reasoning": { input: 0.59, output: 0.79 },
  "llama-3.1-70b-versatile": { input: 0.59, output: 0.79, serves: "meta-llama/Llama-3.1-70B-Instruct" },
  "llama-3.1-8b-instant": { input: 0.05, output: 0.08, serves: "meta-llama/Llama-3.1-8B-Instruct" },
  "llama-3.2-11b-text-preview": { input: 0.18, output: 0.18 },
  "llama-3.2-11b-vision-preview": { input: 0.18, output: 0.18 },
  "llama-3.2-1b-preview": { input: 0.04, output: 0.04 },
  "llama-3.2-3b-preview": { input: 0.06, output: 0.06 },
  "llama-3.2-90b-text-preview": { input: 0.9, output: 0.9 },
  "llama-3.2-90b-vision-preview": { input: 0.9, output: 0.9 },
  "llama-3.3-70b-specdec": { input: 0.59, output: 0.99 },
  "llama-3.3-70b-versatile": { input: 0.59, output: 0.79, serves: "meta-llama/Llama-3.3-70B-Instruct" },
  "llama-guard-3-8b": { input: 0.2, output: 0.2 },
  "llama2-70b-4096": { input: 0.7, output: 0.8 },
  "llama3-70b-8192": { input: 0.59, output: 0.79 },
  "llama3-8b-8192": { input: 0.05, output: 0.08 },
  "llama3-groq-70b-8192-tool-use-preview": { input: 0.89, output: 0.89 },
  "llama3-groq-8b-8192-tool-use-preview": { input: 0.19, output: 0.19 },
  "meta-llama/llama-4-maverick-17b-128e-instruct": {
    input: 0.2,
    output: 0.6,
    contextTokens: 131_072,
    serves: "meta-llama/Llama-4-Maverick-17B-128E-Instruct",
  },
  "meta-llama/llama-4-scout-17b-16e-instruct": {
    input: 0.11,
    output: 0.34,
    serves: "meta-llama/Llama-4-Scout-17B-16E-Instruct",
  },
  "meta-llama/llama-guard-4-12b": { input: 0.2, output: 0.2, contextTokens: 131_072 },
  "moonshotai/kimi-k2-instruct": {
    input: 1,
    output: 3,
    cacheRead: 0.5,
    contextTokens: 131_072,
    serves: "moonshotai/Kimi-K2-Instruct",
  },
  "openai/gpt-oss-120b": {
    input: 0.15,
    output: 0.6,
    cacheRead: 0.075,
    contextTokens: 131_072,
    serves: "openai/gpt-oss-120b",
  },
  "openai/gpt-oss-20b": {
    input: 0.075,
    output: 0.3,
    cacheRead: 0.0375,
    contextTokens: 131_072,
    serves: "openai/gpt-oss-20b",
  },
  "qwen/qwen3-32b": { input: 0.29, output: 0.59, contextTokens: 131_072, serves: "Qwen/Qwen3-32B" },
});

/** Novita. */
export const novita = priceList({
  "deepseek/deepseek-r1": { input: 4, output: 4, contextTokens: 64_000, serves: "deepseek-ai/DeepSeek-R1" },
  "deepseek/deepseek-r1-distill-llama-70b": {
    input: 0.8,
    output: 0.8,
    contextTokens: 8_192,
    serves: "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
  },
  "deepseek/deepseek-r1-distill-llama-8b": {
    input: 0.04,
    output: 0.04,
    serves: "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
  },
  "deepseek/deepseek-r1-distill-qwen-14b": {
    input: 0.15,
    output: 0.15,
    contextTokens: 32_768,
    serves: "deepseek-ai/DeepSeek-R1-Distill-Qwen-14B",
  },
  "deepseek/deepseek-r1-distill-qwen-32b": {
    input: 0.3,
    output: 0.3,
    contextTokens: 64_000,
    serves: "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B",
  },
  "deepseek/deepseek_v3": { input: 0.89, output: 0.89, contextTokens: 64_000, serves: "deepseek-ai/DeepSeek-V3" },
  "meta-llama/llama-3.3-70b-instruct": {
    input: 0.39,
    output: 0.39,
    contextTokens: 12_288,
    serves: "meta-llama/Llama-3.3-70B-Instruct",
  },
});

/** Together, as listed through Hugging Face's router and by itself. */
export const together = priceList({
  "Qwen/Qwen3-235B-A22B-Instruct-2507": {
    input: 0.2,
    output: 0.6,
    contextTokens: 262_144,
    serves: "Qwen/Qwen3-235B-A22B-Instruct-2507",
  },
  "Qwen/Qwen3-Coder-480B-A35B-Instruct": {
    input: 2,
    output: 2,
    contextTokens: 262_144,
    serves: "Qwen/Qwen3-Coder-480B-A35B-Instruct",
  },
  "Qwen/Qwen3-Coder-Next-FP8": { input: 0.5, output: 1.2, contextTokens: 262_144, serves: "Qwen/Qwen3-Coder-Next-FP8" },
  "Qwen/Qwen3-Next-80B-A3B-Instruct": {
    input: 0.15,
    output: 1.5,
    contextTokens: 262_144,
    serves: "Qwen/Qwen3-Next-80B-A3B-Instruct",
  },
  "Qwen/Qwen3-VL-8B-Instruct": {
    input: 0.18,
    output: 0.68,
    contextTokens: 262_144,
    serves: "Qwen/Qwen3-VL-8B-Instruct",
  },
  "Qwen/Qwen3.5-397B-A17B": { input: 0.6, output: 3.6, contextTokens: 262_144, serves: "Qwen/Qwen3.5-397B-A17B" },
  "Qwen/Qwen3.5-9B": { input: 0.1, output: 0.15, contextTokens: 262_144, serves: "Qwen/Qwen3.5-9B" },
  "deepseek-ai/DeepSeek-R1": { input: 3, output: 7, contextTokens: 163_840, serves: "deepseek-ai/DeepSeek-R1" },
  "deepseek-ai/DeepSeek-V3": { input: 1.25, output: 1.25, contextTokens: 131_072, serves: "deepseek-ai/DeepSeek-V3" },
  "deepseek-ai/DeepSeek-V3.1": { input: 0.6, output: 1.7, contextTokens: 131_072, serves: "deepseek-ai/DeepSeek-V3.1" },
  "meta-llama/Llama-3.3-70B-Instruct": {
    input: 0.88,
    output: 0.88,
    contextTokens: 131_072,
    serves: "meta-llama/Llama-3.3-70B-Instruct",
  },
  "openai/gpt-oss-120b": { input: 0.15, output: 0.6, contextTokens: 131_072, serves: "openai/gpt-oss-120b" },
  "openai/gpt-oss-20b": { input: 0.05, output: 0.2, contextTokens: 131_072, serves: "openai/gpt-oss-20b" },
  "deepseek-ai/deepseek-coder-33b-instruct": { input: 0.8, output: 0.8 },
  "meta-llama/Llama-3.3-70B-Instruct-Turbo": { input: 0.88, output: 0.88, serves: "meta-llama/Llama-3.3-70B-Instruct" },
  "meta-llama/Meta-Llama-3.3-70B-Instruct-Turbo": {
    input: 0.88,
    output: 0.88,
    serves: "meta-llama/Llama-3.3-70B-Instruct",
  },
});
