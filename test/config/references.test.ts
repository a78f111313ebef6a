// Proves: rules between the sections of a stack file, each with a file that keeps it and one that breaks it.
import { describe, expect, it } from "vitest";
import { applySilence } from "../../config/checks/index.ts";
import { load } from "../../config/load.ts";
import { codesOf, soundStack, stackWith } from "../support/stack-file.ts";

/** One more model, as yaml; everything that a test does not say is sound. */
function model(name: string, { pool = "h100", versions = ["v1"], traffic = "{ v1: 100 }" } = {}): string {
  const listed = versions.map((version) => `${version}: { weights: { repository: Qwen/Qwen3-32B } }`).join(", ");
  return [
    `  ${name}:`,
    "    engine: vllm",
    `    nodePool: ${pool}`,
    "    maxModelLen: 32768",
    "    tensorParallelSize: 1",
    "    replicas: 1",
    `    versions: { ${listed} }`,
    `    traffic: ${traffic}`,
    "",
  ].join("\n");
}

const only = (text: string) => {
  const { findings } = load(text);
  if (findings.length !== 1 || findings[0] === undefined) throw new Error(`Expected one: ${codesOf({ findings })}`);
  return findings[0];
};

describe("node pools", () => {
  it("rejects a model on a pool that is not defined and names the nearest", () => {
    const finding = only(stackWith(["nodePool: h100", "nodePool: h10"]));
    expect(finding.code).toBe("CFG-201");
    expect(finding.fix).toBe('Did you mean "h100"? Otherwise add "h10" to nodePools.');
  });

  it("rejects a pool named like a property that every object has", () => {
    expect(codesOf(load(stackWith(["nodePool: h100", "nodePool: constructor"])))).toContain("CFG-201");
  });

  it("rejects a pool whose smallest size exceeds its largest, and shows both", () => {
    const finding = only(stackWith(["{ min: 2, max: 2 }", "{ min: 3, max: 2 }"]));
    expect(finding.code).toBe("CFG-202");
    expect(finding.also).toEqual([{ path: ["nodePools", "h100", "nodes", "max"], text: "nodes.max is set here: 2" }]);
  });

  it("accepts a pool of fixed size and one that grows from nothing", () => {
    expect(codesOf(load(stackWith(["{ min: 2, max: 2 }", "{ min: 0, max: 2 }"])))).toEqual([]);
  });

  it("rejects a zone that is listed twice, and shows the first", () => {
    const finding = only(stackWith(["max: 2 } }", "max: 2 }, zones: [a, b, a] }"]));
    expect(finding.code).toBe("CFG-211");
    expect(finding.also[0]?.path).toEqual(["nodePools", "h100", "zones", 0]);
  });

  it.each([
    ["-gpu", 'The label key "-gpu" of the node pool "h100" does not start and end with a letter or digit.'],
    ["gpu type", 'The label key "gpu type" of the node pool "h100" holds " ".'],
    [
      "Example.com/gpu",
      'The label key "Example.com/gpu" of the node pool "h100" has the prefix "Example.com", which is not a DNS name.',
    ],
    ["example.com/", 'The label key "example.com/" of the node pool "h100" has no name after the slash.'],
    ["", 'The label key "" of the node pool "h100" is empty.'],
    [
      `${"a".repeat(254)}/x`,
      `The label key "${"a".repeat(254)}/x" of the node pool "h100" has a prefix of 254 characters.`,
    ],
  ])("rejects the label key %j", (key, title) => {
    const finding = only(stackWith(["max: 2 } }", `max: 2 }, labels: { ${JSON.stringify(key)}: h100 } }`]));
    expect([finding.code, finding.title]).toEqual(["CFG-212", title]);
  });

  it.each([
    ["H100 SXM", 'holds " "'],
    ["_h100", "does not start and end with a letter or digit"],
    ["a".repeat(64), "has 64 characters where 63 are allowed"],
  ])("rejects the label value %j", (value, problem) => {
    const finding = only(stackWith(["max: 2 } }", `max: 2 }, labels: { gpu: ${JSON.stringify(value)} } }`]));
    expect(finding.code).toBe("CFG-213");
    expect(finding.title).toContain(problem);
  });

  it("accepts labels that clouds set", () => {
    const labels =
      '{ cloud.google.com/gke-accelerator: nvidia-h100-80gb, "node.kubernetes.io/instance-type": p5.48xlarge, empty: "" }';
    expect(codesOf(load(stackWith(["max: 2 } }", `max: 2 }, labels: ${labels} }`])))).toEqual([]);
  });

  it("warns of a pool that no model runs on, and still gives the config", () => {
    const loaded = load(
      stackWith(["models:", "  spare: { accelerator: a, gpusPerNode: 4, nodes: { min: 2, max: 2 } }\nmodels:"]),
    );
    expect(codesOf(loaded)).toEqual(["CFG-216"]);
    expect(loaded.findings[0]?.why).toContain("Its 8 GPUs");
    expect(loaded.config).not.toBeNull();
  });

  it("rejects a file without pools or models, each once", () => {
    const text = stackWith(["nodePools:\n", "nodePools: {}\n"])
      .replace(/ {2}h100:.*\n/, "")
      .replace(/models:[\s\S]*/, "models: {}\n");
    expect(load(text).findings.map(({ code, title }) => `${code} ${title}`)).toEqual([
      "CFG-206 nodePools is empty.",
      "CFG-206 models is empty.",
    ]);
  });
});

describe("traffic", () => {
  it("rejects a share for a version that does not exist", () => {
    const finding = only(soundStack + model("second", { versions: ["stable"], traffic: "{ stabel: 100 }" }));
    expect([finding.code, finding.fix]).toEqual([
      "CFG-203",
      'Did you mean "stable"? Otherwise add "stabel" to versions.',
    ]);
  });

  it("rejects shares that do not sum to 100 and offers the line where one version serves", () => {
    const finding = only(stackWith(["{ v1: 100 }", "{ v1: 90 }"]));
    expect([finding.code, finding.fix]).toEqual(["CFG-204", "Write `{ v1: 100 }`."]);
  });

  it("rejects traffic without a share", () => {
    expect(only(stackWith(["{ v1: 100 }", "{}"])).why).toContain("no version has a share");
  });

  it("rejects a split over two versions", () => {
    const finding = only(soundStack + model("second", { versions: ["v1", "v2"], traffic: "{ v1: 95, v2: 5 }" }));
    expect(finding.code).toBe("CFG-205");
    expect(finding.fix).toContain("`{ v1: 100 }`");
  });

  it("accepts a second version without traffic", () => {
    expect(
      codesOf(load(soundStack + model("second", { versions: ["v1", "v2"], traffic: "{ v1: 100, v2: 0 }" }))),
    ).toEqual([]);
    expect(codesOf(load(soundStack + model("third", { versions: ["v1", "v2"], traffic: "{ v2: 100 }" })))).toEqual([]);
  });

  it("rejects a model without versions", () => {
    const codes = codesOf(load(soundStack + model("second", { versions: [] })));
    expect(codes).toEqual(["CFG-206"]);
  });
});

describe("Kubernetes names", () => {
  it("rejects a model whose Service another model's version has, and shows both", () => {
    const finding = only(soundStack + model("chat-v1"));
    expect(finding.code).toBe("CFG-207");
    expect(finding.title).toBe(
      'The Service "chat-v1" would come from the version v1 of the model chat and from the model chat-v1.',
    );
    expect(finding.also).toEqual([
      {
        path: ["models", "chat", "versions", "v1"],
        token: "key",
        text: "the version v1 of the model chat gives the same name",
      },
    ]);
  });

  it("rejects two versions that give one release, once", () => {
    const finding = only(
      soundStack +
        model("a-b", { versions: ["c"], traffic: "{ c: 100 }" }) +
        model("a", { versions: ["b-c"], traffic: "{ b-c: 100 }" }),
    );
    expect([finding.code, finding.title.startsWith('The Helm release "a-b-c"')]).toEqual(["CFG-207", true]);
  });

  it("rejects a model that takes the name of a headless Service", () => {
    expect(only(soundStack + model("chat-v1-headless")).title).toContain('The Service "chat-v1-headless"');
  });

  it("accepts one version name in several models", () => {
    expect(codesOf(load(soundStack + model("second") + model("third")))).toEqual([]);
  });

  it("accepts a release of 53 characters and rejects one of 54", () => {
    const name = "m".repeat(40);
    const fits = "v".repeat(12);
    expect(codesOf(load(soundStack + model(name, { versions: [fits], traffic: `{ ${fits}: 100 }` })))).toEqual([]);
    const finding = only(soundStack + model(name, { versions: [`${fits}v`], traffic: `{ ${fits}v: 100 }` }));
    expect(finding.code).toBe("CFG-208");
    expect(finding.fix).toBe("Shorten the name of the model or of the version by 1 character.");
  });

  it.each([
    ["vllm", "VLLM_PORT", "chat"],
    ["vllm-chat", "VLLM_CHAT_PORT", "chat"],
  ])("rejects a model called %s", (name, variable, correction) => {
    const finding = only(soundStack + model(name));
    expect(finding.code).toBe("CFG-209");
    expect(finding.why).toContain(`would set ${variable},`);
    expect(finding.fix).toContain(`"${correction}"`);
  });

  it("accepts a model whose name only resembles vllm", () => {
    expect(codesOf(load(soundStack + model("vllmish") + model("my-vllm")))).toEqual([]);
  });
});

describe("state", () => {
  const existing = ["{ target: local }", "{ target: existing, existing: { storageClass: fast } }"] as const;

  it("rejects a local file for a cluster that is not local, and shows both", () => {
    const finding = only(stackWith(existing));
    expect(finding.code).toBe("CFG-210");
    expect(finding.also).toEqual([{ path: ["cluster", "target"], text: "the target is set here: existing" }]);
  });

  it("accepts a shared backend for either target", () => {
    const shared = ["{ backend: local }", "{ backend: s3, bucket: acme, region: eu-central-1 }"] as const;
    expect(codesOf(load(stackWith(existing, shared)))).toEqual([]);
    expect(codesOf(load(stackWith(shared)))).toEqual([]);
  });
});

describe("silence", () => {
  const withSilence = (code: string) => stackWith(["name:", `silence: { ${code}: kept for next month }\nname:`]);

  it("rejects a code that does not exist and names the warning one letter away", () => {
    expect(only(withSilence("CFG-2161"))).toMatchObject({
      code: "CFG-214",
      fix: "Did you mean CFG-216? docs/reference/errors.md lists the codes.",
    });
    expect(only(withSilence("everything")).fix).toBe("Remove the entry; docs/reference/errors.md lists the codes.");
  });

  it("rejects the code of an error", () => {
    expect(only(withSilence("CFG-201")).code).toBe("CFG-215");
  });

  it("sets accepted warnings apart, with their reason, and keeps errors", () => {
    const { findings } = load(
      stackWith(["models:", "  spare: { accelerator: a, gpusPerNode: 4, nodes: { min: 2, max: 1 } }\nmodels:"]),
    );
    const applied = applySilence(findings, { "CFG-216": "kept for next month", "CFG-202": "not a warning" });
    expect(codesOf(applied)).toEqual(["CFG-202"]);
    expect(applied.silenced.map(({ finding, reason }) => [finding.code, reason])).toEqual([
      ["CFG-216", "kept for next month"],
    ]);
  });

  it("keeps all findings of a file that accepts none", () => {
    const { findings } = load(stackWith(["{ v1: 100 }", "{ v1: 90 }"]));
    expect(applySilence(findings, undefined)).toEqual({ findings: [...findings], silenced: [] });
  });
});
