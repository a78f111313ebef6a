// How an engine is told to find calls of tools: without both options vLLM refuses whatever leaves the choice to the model.
import { describe, expect, it } from "vitest";
import { catalog } from "../../decisions/catalog/index.ts";
import { toolParsers } from "../../decisions/catalog/tool-parsers.ts";
import { agentsConfig, toolServerConfig, withAgents } from "../support/agents.ts";
import { blueprintFor, decideFor, releaseOf } from "../support/blueprint.ts";
import { modelConfig, stackConfig, versionConfig } from "../support/config.ts";

const version = (repository: string, more: { image?: string; toolCallParser?: string } = {}) => ({
  ...versionConfig({ repository, ...(more.image === undefined ? {} : { image: more.image }) }),
  ...(more.toolCallParser === undefined ? {} : { toolCallParser: more.toolCallParser }),
});

function parserOf(
  repository: string,
  more: Parameters<typeof version>[1] = {},
  task: "generate" | "embed" = "generate",
) {
  const models = {
    chat: modelConfig({ task, tensorParallelSize: 4, maxModelLen: 4096, versions: { v1: version(repository, more) } }),
  };
  const release = releaseOf(blueprintFor({ models }));
  const flags = Object.fromEntries(release.engineArguments.map(({ flag, value }) => [flag, value]));
  expect("--enable-auto-tool-choice" in flags).toBe("--tool-call-parser" in flags);
  return flags["--tool-call-parser"] ?? null;
}

describe("the parser of a model's calls", () => {
  it.each([
    ["Qwen/Qwen3-32B", "hermes"],
    ["Qwen/Qwen3-30B-A3B-Instruct-2507", "hermes"],
    ["Qwen/Qwen2.5-7B-Instruct-AWQ", "hermes"],
    ["Qwen/Qwen3-Coder-30B-A3B-Instruct", "qwen3_xml"],
    ["RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", "llama3_json"],
    ["RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8", "llama3_json"],
    ["openai/gpt-oss-120b", "openai"],
    ["zai-org/GLM-4.5-Air-FP8", "glm45"],
    // Nobody says how these call, or only with a template of vLLM's examples.
    ["Qwen/Qwen2.5-Coder-32B-Instruct", null],
    ["deepseek-ai/DeepSeek-R1-Distill-Llama-8B", null],
    ["meta-llama/Llama-2-7b-chat-hf", null],
    ["google/gemma-2-9b-it", null],
  ])("of %s is %s", (repository, parser) => {
    expect(parserOf(repository)).toBe(parser);
  });

  it("is what the file says, also that there is none", () => {
    expect(parserOf("google/gemma-2-9b-it", { toolCallParser: "pythonic" })).toBe("pythonic");
    expect(parserOf("Qwen/Qwen3-8B", { toolCallParser: "none" })).toBeNull();
    const models = { chat: modelConfig({ versions: { v1: version("Qwen/Qwen3-8B", { toolCallParser: "hermes" }) } }) };
    const option = releaseOf(blueprintFor({ models })).engineArguments.find(
      ({ flag }) => flag === "--tool-call-parser",
    );
    expect(option?.because[0]?.path).toBe("models.chat.versions.v1.toolCallParser");
  });

  it("is not guessed for an image that may be older than what is known of parsers", () => {
    const image = (tag: string) => ({ image: `registry.example.com/mirror/vllm-openai:${tag}` });
    expect(parserOf("Qwen/Qwen3-8B", image("v0.32.0"))).toBeNull();
    expect(parserOf("Qwen/Qwen3-8B", image("v0.33.0"))).toBe("hermes");
    expect(parserOf("Qwen/Qwen3-8B", image("v1.0.0"))).toBe("hermes");
    expect(parserOf("Qwen/Qwen3-8B", { ...image("v0.32.0"), toolCallParser: "hermes" })).toBe("hermes");
    expect(parserOf("Qwen/Qwen3-8B", { image: "registry.example.com/own-build:7" })).toBeNull();
  });

  it("is none for a model that answers with vectors", () => {
    expect(parserOf("Qwen/Qwen3-8B", {}, "embed")).toBeNull();
  });

  it("is known by a page with an address, one for each model of the catalog at most", () => {
    for (const { source } of toolParsers) expect(source).toMatch(/^(https:\/\/|github\.com\/)/);
    for (const repository of Object.keys(catalog.models)) {
      const name = repository.slice(repository.indexOf("/") + 1);
      expect(toolParsers.filter(({ names }) => names.test(name)).length).toBeLessThanOrEqual(1);
    }
  });

  it("is part of what two replicas must have in common to go on with each other's answers", () => {
    const digest = (toolCallParser: string) => {
      const models = { chat: modelConfig({ versions: { v1: version("Qwen/Qwen3-8B", { toolCallParser }) } }) };
      const { gateway } = blueprintFor({
        models,
        gateway: withAgents().gateway as NonNullable<ReturnType<typeof withAgents>["gateway"]>,
      });
      return gateway?.settings.backends["chat-v1"]?.digest;
    };
    expect(digest("hermes")).not.toBe(digest("none"));
  });
});

describe("an assistant with tools", () => {
  const codes = (repository: string, toolServers: string[]) => {
    const { gateway } = withAgents();
    const config = stackConfig({
      models: { chat: modelConfig({ versions: { v1: version(repository) } }) },
      ...(gateway === undefined ? {} : { gateway }),
      agents: agentsConfig({
        toolServers: { orders: toolServerConfig() },
        assistants: { helpdesk: { graph: "support", model: "chat", toolServers } },
      }),
    });
    return decideFor(config).findings.map(({ code }) => code);
  };

  it("is warned about where nobody finds the calls of its model", () => {
    expect(codes("google/gemma-2-9b-it", ["orders"])).toContain("CAP-113");
    expect(codes("google/gemma-2-9b-it", [])).not.toContain("CAP-113");
    expect(codes("Qwen/Qwen3-8B", ["orders"])).not.toContain("CAP-113");
  });
});
