// Proves: what the schema refuses becomes one finding a fault, with the user's keys and values and the likely meaning.
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { fromZod } from "../../config/diagnostics/from-zod.ts";
import { load } from "../../config/load.ts";
import { codesOf, soundStack, stackWith } from "../support/stack-file.ts";

type Change = readonly [from: string, to: string];

/** `CODE title` and the fix of the only finding of a changed file. */
function only(...changes: Change[]): { told: string; why: string; fix: string } {
  const { findings } = load(stackWith(...changes));
  const [finding, ...more] = findings;
  if (finding === undefined || more.length > 0) throw new Error(`Expected one finding: ${codesOf({ findings })}`);
  return { told: `${finding.code} ${finding.title}`, why: finding.why, fix: finding.fix };
}

const replicas = "    replicas: 2\n";

describe("keys", () => {
  it("rejects a file without a required key and says what the key is for", () => {
    expect(only(["    maxModelLen: 32768\n", ""])).toEqual({
      told: "CFG-101 The key maxModelLen is missing in models.chat.",
      why: "maxModelLen is required and has no default. It means: Longest prompt plus completion. Tokens.",
      fix: "Add maxModelLen to models.chat.",
    });
  });

  it("names the values that a missing key can have", () => {
    expect(only(["{ backend: local }", "{}"]).fix).toBe(
      'Add backend to state: "local" or "s3" or "gcs" or "azurerm" or "pg" or "http" or "kubernetes".',
    );
  });

  it("rejects an unknown key once, though the key it means is missing too", () => {
    expect(only(["maxModelLen: 32768", "maxModelLength: 32768"])).toEqual({
      told: "CFG-102 The key maxModelLength is not known in models.chat.",
      why: "Keys of models.chat: engine, task, nodePool, maxModelLen, tensorParallelSize, replicas, maxNumSeqs, maxNumBatchedTokens, gpuMemoryUtilization, kvCacheDtype, drainTimeout, versions and traffic.",
      fix: "Did you mean maxModelLen?",
    });
  });

  it("does not suggest a key that is there already", () => {
    expect(only([replicas, "    replicas: 2\n    replica: 3\n"]).fix).toBe("Remove replica.");
  });

  it("says where a key belongs that is indented too deep", () => {
    expect(only(["v1: { weights", "v1: { replicas: 3, weights"]).fix).toBe(
      "Move replicas to models.chat, or remove it.",
    );
  });

  it("says where a key of the top belongs", () => {
    expect(only(["    engine: vllm\n", "    engine: vllm\n    environment: trial\n"]).fix).toBe(
      "Move environment to the top of the file, or remove it.",
    );
  });

  it("says which member of a union a key belongs to", () => {
    expect(only(["{ target: local }", "{ target: local, existing: { storageClass: fast } }"])).toEqual({
      told: "CFG-102 The key existing is not known in cluster.",
      why: "existing belongs to `target: existing`. Keys of cluster: target.",
      fix: "Write `target: existing` if that is meant, or remove existing.",
    });
  });

  it("raises one finding for each unknown key", () => {
    const text = stackWith(["name:", "one: 1\ntwo: 2\nname:"]);
    expect(codesOf(load(text))).toEqual(["CFG-102", "CFG-102"]);
  });

  it("rejects a key without a value", () => {
    expect(only(["nodes: { min: 2, max: 2 }", "nodes:"])).toEqual({
      told: "CFG-105 nodePools.h100.nodes has no value.",
      why: "It must be a map. It means: How many nodes the pool has.",
      fix: "Write the value after the colon, or indent the lines below that belong to it.",
    });
  });

  it("rejects an optional key without a value by offering to remove it", () => {
    expect(only([replicas, `${replicas}    drainTimeout:\n`]).fix).toBe(
      "Write the value after the colon, or remove the key.",
    );
  });
});

describe("kinds and values", () => {
  it.each<[string, Change, string, string]>([
    [
      "a number in quotes",
      [replicas, '    replicas: "2"\n'],
      'must be a whole number; it is the text "2"',
      "Write `2`.",
    ],
    [
      "a fraction",
      [replicas, "    replicas: 1.5\n"],
      "must be a whole number; it is the number 1.5",
      "Write a whole number there.",
    ],
    [
      "a list",
      [replicas, "    replicas: [2]\n"],
      "must be a whole number; it is a list",
      "Write a whole number there.",
    ],
  ])("rejects %s where a whole number belongs", (_, change, told, fix) => {
    expect(only(change)).toMatchObject({ told: `CFG-103 models.chat.replicas ${told}.`, fix });
  });

  it("keeps the spelling of a number that should be text", () => {
    expect(only(["Qwen/Qwen3-32B }", "Qwen/Qwen3-32B, revision: 1.10 }"])).toMatchObject({
      told: "CFG-103 models.chat.versions.v1.weights.revision must be text; it is the number 1.10.",
      fix: 'Write `"1.10"`.',
    });
  });

  it("rejects text where a map belongs", () => {
    const { findings } = load(`${soundStack.split("models:")[0]}models: chat\n`);
    expect(findings.map(({ title }) => title)).toEqual(['models must be a map; it is the text "chat".']);
  });

  it("rejects text where a list belongs", () => {
    expect(only(["max: 2 } }", "max: 2 }, zones: zone-a }"]).fix).toBe("Write `[zone-a]`.");
  });

  it("rejects an environment with a hyphen, which would blur where the stack's name ends", () => {
    expect(only(["environment: trial", "environment: Pre-Prod"])).toMatchObject({
      told: 'CFG-114 environment must be one word of lower-case letters and digits; it is "Pre-Prod".',
      fix: "Write `preprod`.",
    });
    expect(only(["environment: trial", 'environment: "42"']).fix).toBe("Choose a word that starts with a letter.");
  });

  it("rejects a value in other case and names the one that is meant", () => {
    expect(only(["backend: local", "backend: Local"])).toEqual({
      told: 'CFG-104 state.backend does not know the value "Local".',
      why: 'Values: "local", "s3", "gcs", "azurerm", "pg", "http" and "kubernetes".',
      fix: 'Did you mean "local"?',
    });
  });

  it("rejects a value that resembles none", () => {
    expect(only(["target: local", "target: nomad"]).fix).toBe("Choose one of the values listed.");
  });

  it("rejects another version of the format", () => {
    expect(only(["freehold/v1alpha1", "freehold/v2"])).toMatchObject({
      why: 'The only value is "freehold/v1alpha1".',
      fix: 'Write "freehold/v1alpha1".',
    });
  });

  it("measures a union against the member that the file chose", () => {
    const { findings } = load(stackWith(["{ backend: local }", "{ backend: s3, bucket: acme }"]));
    expect(findings.map(({ title }) => title)).toEqual(["The key region is missing in state."]);
  });

  it("rejects a map where a union wants one of its values", () => {
    expect(only(["target: local", "target: { local: true }"]).told).toBe(
      "CFG-103 cluster.target must be one of its values; it is a map.",
    );
  });

  it.each<[string, Change, string]>([
    ["below", [replicas, "    replicas: 0\n"], "models.chat.replicas must be at least 1; it is 0."],
    [
      "above",
      ["tensorParallelSize: 2", "tensorParallelSize: 65"],
      "models.chat.tensorParallelSize must be at most 64; it is 65.",
    ],
  ])("rejects a number %s its range", (_, change, title) => {
    expect(only(change).told).toBe(`CFG-106 ${title}`);
  });

  it.each<[string, Change, string]>([
    [
      "empty text",
      ["Qwen/Qwen3-32B }", 'Qwen/Qwen3-32B, revision: "" }'],
      "models.chat.versions.v1.weights.revision must have at least 1 character; it has none.",
    ],
    [
      "long text",
      ["environment: trial", `environment: ${"x".repeat(21)}`],
      "environment must have at most 20 characters; it has 21.",
    ],
    [
      "text beyond the limit of every name as well",
      ["environment: trial", `environment: ${"x".repeat(50)}`],
      "environment must have at most 20 characters; it has 50.",
    ],
    [
      "an empty list",
      ["max: 2 } }", "max: 2 }, zones: [] }"],
      "nodePools.h100.zones must have at least 1 entry; it has none.",
    ],
    [
      "a reason that is no reason",
      ["name:", "silence: { CFG-216: ok }\nname:"],
      "silence.CFG-216 must have at least 10 characters; it has 2.",
    ],
  ])("rejects %s", (_, change, title) => {
    expect(only(change).told).toBe(`CFG-111 ${title}`);
  });

  it("rejects an address without a scheme", () => {
    expect(only(["{ backend: local }", "{ backend: http, address: gitlab }"]).told).toBe(
      'CFG-112 state.address must be an address with its scheme; it is "gitlab".',
    );
  });

  it("rejects an identifier that is no UUID", () => {
    const cluster: Change = ["{ target: local }", "{ target: existing, existing: { uid: prod, storageClass: fast } }"];
    expect(only(["{ backend: local }", "{ backend: pg }"], cluster).told).toBe(
      'CFG-112 cluster.existing.uid must be a UUID; it is "prod".',
    );
  });

  it("rejects what a rule of the schema refuses, in the rule's words", () => {
    const schema = z.strictObject({ pairs: z.number().multipleOf(2, "The number of GPUs in a pair is even") });
    const value = { pairs: 3 };
    const issues = schema.safeParse(value).error?.issues ?? [];
    const findings = fromZod(issues, { schema, value, sourceOf: () => "3", file: "stack" });
    expect(findings.map(({ code, why }) => [code, why])).toEqual([
      ["CFG-113", "The number of GPUs in a pair is even."],
    ]);
  });
});

describe("a map under the key length", () => {
  it.each(["{ length: {} }", "{ length: { length: {} } }", "{ length: 300 }"])("is no length: %s", (map) => {
    const { told } = only(["name: support-agents", `name: ${map}`]);
    expect(told).toMatch(/^CFG-103 name must be text; it is a map/);
  });
});

describe("forms", () => {
  it("rejects a name with capitals and underscores and offers the one that is meant", () => {
    expect(only(["  chat:", "  Chat_Model:"])).toEqual({
      told: 'CFG-107 The name "Chat_Model" in models holds "_" and upper-case letters.',
      why: "Names become parts of Kubernetes names: lower-case letters, digits and hyphens, starting with a letter, not ending with a hyphen.",
      fix: "Write `chat-model`.",
    });
  });

  it.each([
    ["4o", "starts with a digit", "Write `o`."],
    ["chat-", "ends with a hyphen", "Write `chat`."],
    ['"-"', "starts with a hyphen and ends with a hyphen", "Choose a name of that form."],
    ["größe", 'holds "ö", "ß"', "Write `gr-e`."],
    ['""', "is empty", "Choose a name of that form."],
    ["2026-11-01", "starts with a digit", "Choose a name of that form."],
    ["12", "starts with a digit", "Choose a name of that form."],
  ])("rejects the model name %s", (name, problem, fix) => {
    expect(only(["  chat:", `  ${name}:`])).toMatchObject({ told: expect.stringContaining(`${problem}.`), fix });
  });

  it("rejects a name of more than 40 characters", () => {
    expect(only(["  chat:", `  ${"x".repeat(41)}:`]).told).toContain("has 41 characters; at most 40 are allowed.");
  });

  it("does not offer a name that would be too long", () => {
    const loaded = load(stackWith(["name: support-agents", "name: Support Agents For Everyone"]));
    expect(loaded.findings.map(({ code, fix }) => [code, fix])).toEqual([
      ["CFG-107", "Choose a name of that form."],
      ["CFG-111", "Write at most 20 characters, or remove the key where it is optional."],
    ]);
  });

  it("tells what is wrong below a name that is wrong itself", () => {
    const loaded = load(stackWith(["  chat:", "  Chat:"], ["maxModelLen: 32768", "maxModelLen: long"]));
    expect(codesOf(loaded)).toEqual(["CFG-107", "CFG-103"]);
  });

  it.each([
    ["90 seconds", "90s"],
    ["90", "90s"],
    ["2 min", "2m"],
    ["1.5h", "90m"],
    ["1m30s", "90s"],
    ["2d", "48h"],
    ["30S", "30s"],
  ])("rejects the duration %s and offers %s", (written, meant) => {
    expect(only([replicas, `${replicas}    drainTimeout: ${written}\n`])).toMatchObject({
      told: expect.stringMatching(/^CFG-108 /),
      fix: `Write \`${meant}\`.`,
    });
  });

  it.each(["soon", "0s", "500ms", "-5s", "1 fortnight"])("rejects the duration %s without a guess", (written) => {
    expect(only([replicas, `${replicas}    drainTimeout: ${written}\n`]).fix).toBe(
      "Write it in that form: 30s, 10m or 1h.",
    );
  });

  it.each([
    ["64Gi", "64GiB"],
    ["64 gib", "64GiB"],
    ["80GB", "74.5GiB"],
    ["1.5Ti", "1.5TiB"],
  ])("rejects the amount of memory %s and offers %s", (written, meant) => {
    expect(only(["Qwen/Qwen3-32B }", `Qwen/Qwen3-32B, size: ${written} }`])).toMatchObject({
      told: expect.stringMatching(/^CFG-109 /),
      fix: `Write \`${meant}\`.`,
    });
  });

  it.each(["64", "much", "64KiB"])("rejects the amount of memory %s without a guess", (written) => {
    expect(only(["Qwen/Qwen3-32B }", `Qwen/Qwen3-32B, size: ${written} }`]).fix).toBe(
      "Write it in that form: 512MiB, 80GiB or 1.5TiB.",
    );
  });

  it.each([
    ["https://huggingface.co/Qwen/Qwen3-32B", "Qwen/Qwen3-32B"],
    ["https://huggingface.co/Qwen/Qwen3-32B/tree/main", "Qwen/Qwen3-32B"],
    ["hf.co/Qwen/Qwen3-32B/", "Qwen/Qwen3-32B"],
    ["Qwen/Qwen3-32B@main", "Qwen/Qwen3-32B"],
  ])("rejects the repository %s and offers %s", (written, meant) => {
    expect(only(["Qwen/Qwen3-32B }", `${written} }`])).toMatchObject({
      told: expect.stringMatching(/^CFG-110 /),
      fix: `Write \`${meant}\`.`,
    });
  });

  it("rejects a repository without an owner", () => {
    expect(only(["Qwen/Qwen3-32B }", "Qwen3-32B }"]).fix).toBe("Write the owner and the name: Qwen/Qwen3-32B.");
  });
});

describe("several faults", () => {
  it("are told in one run, those between sections included", () => {
    const loaded = load(
      stackWith(
        ["environment: trial\n", ""],
        ["max: 2 }", "max: 1 }"],
        ["nodePool: h100", "nodePool: h10"],
        ["    engine: vllm\n", "    engine: vllm\n    colour: blue\n"],
      ),
    );
    expect(codesOf(loaded).sort()).toEqual(["CFG-101", "CFG-102", "CFG-201", "CFG-202"]);
  });

  it("do not make a pool look undefined that is only misspelt inside", () => {
    expect(codesOf(load(stackWith(["gpusPerNode: 8", "gpusPerNode: eight"])))).toEqual(["CFG-103"]);
  });

  it("do not hide what is wrong with the other models", () => {
    const other =
      "  second:\n    engine: vllm\n    nodePool: a100\n    maxModelLen: 1\n    tensorParallelSize: 1\n    replicas: 1\n    versions: { v1: { weights: { repository: a/b } } }\n    traffic: { v1: 100 }\n";
    expect(codesOf(load(stackWith(["replicas: 2", "replicas: two"]) + other))).toEqual(["CFG-103", "CFG-201"]);
  });
});
