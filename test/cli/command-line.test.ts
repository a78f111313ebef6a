import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../cli/commands/index.ts";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { soundStack, stackWith } from "../support/stack-file.ts";

let checkout: Checkout;

beforeEach(() => {
  checkout = newCheckout();
  checkout.write("config/stack.yaml", soundStack);
});
afterEach(() => {
  chmodSync(checkout.root, 0o755);
  checkout.remove();
});

describe("help", () => {
  it("lists every command and what the exit codes mean", async () => {
    const { code, stdout } = await checkout.freehold(["--help"]);
    expect(code).toBe(0);
    for (const { name } of commands) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    expect(stdout).toContain("70 our fault");
  });

  it.each(commands.map(({ name }) => name))("explains every option of %s", async (name) => {
    const { code, stdout } = await checkout.freehold([name, "--help"]);
    expect(code).toBe(0);
    const { options = {} } = commands.find((command) => command.name === name) ?? {};
    for (const option of Object.keys(options)) expect(stdout).toContain(`--${option}`);
  });
});

describe("a command line that cannot be used", () => {
  it("rejects an unknown command and names the known ones", async () => {
    const { code, stdout, stderr } = await checkout.freehold(["plan"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain('freehold  RUN-110  There is no command "plan".');
    expect(stderr).toContain("size, check, decide, pilot, calibrate, catalog, report, lock, images, explain, synth");
  });

  it("rejects an unknown option", async () => {
    const { code, stderr } = await checkout.freehold(["check", "--fast"]);
    expect(code).toBe(1);
    expect(stderr).toContain("RUN-111  The command line cannot be used: Unknown option '--fast'.");
  });

  it("rejects an argument too many", async () => {
    const { stderr } = await checkout.freehold(["check", "a.yaml", "b.yaml"]);
    expect(stderr).toContain("Unexpected argument 'b.yaml'");
  });

  it.each([
    { args: ["synth", "--out", ""], problem: "Option '--out' is empty" },
    { args: ["up", "--context="], problem: "Option '--context' is empty" },
    { args: ["destroy", ""], problem: "An argument is empty" },
  ])("rejects $args, which an unset variable leaves", async ({ args, problem }) => {
    const { code, stderr } = await checkout.freehold(args);
    expect(code).toBe(1);
    expect(stderr).toContain(`RUN-111  The command line cannot be used: ${problem}.`);
  });

  it("rejects a way to apply that does not exist", async () => {
    const { code, stderr } = await checkout.freehold(["deploy", "--via", "magic"]);
    expect(code).toBe(1);
    expect(stderr).toContain("--via magic is not a way to apply");
  });

  it("rejects a stack file that is not there", async () => {
    const { code, stderr } = await checkout.freehold(["check", "config/prod.yaml"]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "config/prod.yaml  RUN-112  The file config/prod.yaml cannot be read.\n\n  Why: The system says: no such file or directory.",
    );
  });
});

describe("check", () => {
  it("says what can be deployed and ends with 0, warnings in full on stderr", async () => {
    const { code, stdout, stderr } = await checkout.freehold(["check"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "config/stack.yaml can be deployed: 1 model in 1 release on 4 GPUs.\n",
    });
    expect(stderr).toContain("LCK-107");
    expect(stderr).toContain("  Fix: ");
  });

  it("ends with 1 and prints findings as JSON for machines, alone on stdout", async () => {
    checkout.write("config/stack.yaml", stackWith(["nodePool: h100", "nodePool: h200"]));
    const { code, stdout, stderr } = await checkout.freehold(["check", "--json"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    const findings = JSON.parse(stdout) as { code: string; file: string; line: number; column: number }[];
    expect(findings).toContainEqual(
      expect.objectContaining({ code: "CFG-201", file: "config/stack.yaml", line: 11, column: 15 }),
    );
  });

  it("reads the file that FREEHOLD_STACK names", async () => {
    checkout.write("other.yaml", stackWith(["name: support-agents", "name: Support"]));
    const { code, stderr } = await checkout.freehold(["check"], { environment: { FREEHOLD_STACK: "other.yaml" } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^other\.yaml:2:7 {2}CFG-/);
  });

  it("rejects what is no file, at once", async () => {
    checkout.write("folder.yaml/file", "");
    for (const [file, problem] of [
      ["/dev/zero", "it is a pipe or a device, not a file"],
      ["folder.yaml", "it is a folder"],
    ] as const) {
      const { code, stderr } = await checkout.freehold(["check", file]);
      expect({ file, code }).toEqual({ file, code: 1 });
      expect(stderr).toContain(`The system says: ${problem}.`);
    }
  });

  it("says of a lock that is no file how to go on", async () => {
    checkout.write("config/stack.lock.yaml/file", "");
    const { code, stderr } = await checkout.freehold(["check"]);
    expect(code).toBe(1);
    expect(stderr).toContain("config/stack.lock.yaml  RUN-112");
    expect(stderr).toContain("Make config/stack.lock.yaml a file that can be read, or move it away");
  });

  it.each([
    ["check", "none.yaml"],
    ["explain", "none.yaml"],
    ["lock", "none.yaml"],
    ["status", "none.yaml"],
    ["check", "bad.yaml"],
    ["explain", "bad.yaml"],
    ["lock", "bad.yaml"],
    ["status", "bad.yaml"],
    ["status", "--context=gone"],
    ["check", "--fast"],
  ])("prints JSON for machines when %s %s fails", async (...args) => {
    checkout.write("bad.yaml", stackWith(["replicas: 2", "replicas: two"]));
    const { code, stdout, stderr } = await checkout.freehold([...args, "--json"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ severity: "error" }));
  });

  it("reports a lock that cannot be read, with its own line", async () => {
    checkout.write("config/stack.lock.yaml", "lockVersion: 1\nstack: support-agents/trial\nimages: [\n");
    const { code, stderr } = await checkout.freehold(["check"]);
    expect(code).toBe(1);
    expect(stderr).toContain("config/stack.lock.yaml:");
  });
});

describe("synth", () => {
  const jsonOf = (out: string, stack: string) =>
    readFileSync(join(checkout.root, out, "stacks", stack, "cdk.tf.json"), "utf8");

  it("writes one folder a stack and names the files on stdout", async () => {
    const { code, stdout } = await checkout.freehold(["synth", "--out", "out"]);
    expect(code).toBe(0);
    expect(stdout).toBe("out/stacks/platform/cdk.tf.json\nout/stacks/inference/cdk.tf.json\n");
    expect(JSON.parse(jsonOf("out", "inference"))).toHaveProperty("resource.helm_release");
  });

  it("gives the same bytes in another folder", async () => {
    await checkout.freehold(["synth", "--out", "one"]);
    await checkout.freehold(["synth", "--out", "deeper/two"]);
    for (const stack of ["platform", "inference"]) expect(jsonOf("deeper/two", stack)).toBe(jsonOf("one", stack));
  });

  it("leaves Terraform's own files in the stack folder, and nothing else that is old", async () => {
    await checkout.freehold(["synth", "--out", "out"]);
    checkout.write("out/stacks/platform/.terraform/providers/here", "kept");
    checkout.write("out/stacks/platform/.terraform.lock.hcl", "kept");
    checkout.write("out/stacks/retired/cdk.tf.json", "{}");
    await checkout.freehold(["synth", "--out", "out"]);
    expect(existsSync(join(checkout.root, "out/stacks/platform/.terraform/providers/here"))).toBe(true);
    expect(existsSync(join(checkout.root, "out/stacks/platform/.terraform.lock.hcl"))).toBe(true);
    expect(existsSync(join(checkout.root, "out/stacks/retired"))).toBe(false);
  });

  it("rejects a file with errors and leaves the last output as it was", async () => {
    await checkout.freehold(["synth", "--out", "out"]);
    const before = jsonOf("out", "inference");
    checkout.write("config/stack.yaml", stackWith(["replicas: 2", "replicas: 200"]));
    const { code, stderr } = await checkout.freehold(["synth", "--out", "out"]);
    expect(code).toBe(1);
    expect(stderr).toContain("CAP-");
    expect(jsonOf("out", "inference")).toBe(before);
  });

  it("touches no folder that holds anything else", async () => {
    checkout.write("terraform/stacks/platform/main.tf", "# by hand");
    checkout.write("terraform/manifest.json", '{ "name": "some other manifest" }');
    for (const out of [".", "terraform", "terraform/stacks"]) {
      const { code, stderr } = await checkout.freehold(["synth", "--out", out]);
      expect({ out, code }).toEqual({ out, code: 1 });
      expect(stderr).toContain(`${out}  RUN-114  The folder ${out} holds files that this command did not write.`);
    }
    expect(readFileSync(join(checkout.root, "terraform/stacks/platform/main.tf"), "utf8")).toBe("# by hand");
    expect(existsSync(join(checkout.root, "config/stack.yaml"))).toBe(true);
  });

  it("takes a folder that is there and empty", async () => {
    mkdirSync(join(checkout.root, "empty"));
    expect((await checkout.freehold(["synth", "--out", "empty"])).code).toBe(0);
  });

  it("says so when the output is a file", async () => {
    checkout.write("taken", "a file where a folder is wanted");
    const { code, stderr } = await checkout.freehold(["synth", "--out", "taken"]);
    expect(code).toBe(1);
    expect(stderr).toContain("taken  RUN-113  The file taken cannot be written.");
    expect(readFileSync(join(checkout.root, "taken"), "utf8")).toBe("a file where a folder is wanted");
  });

  it("says so when the output cannot be written", async () => {
    writeFileSync(join(checkout.root, "taken"), "a file where a folder is wanted");
    const { code, stderr } = await checkout.freehold(["synth", "--out", "taken/out"]);
    expect(code).toBe(1);
    expect(stderr).toContain("RUN-113");
    expect(stderr).not.toContain("    at ");
  });
});

describe("render", () => {
  it("writes manifests and values, and replaces the folder as a whole", async () => {
    await checkout.freehold(["render", "--out", "manifests"]);
    checkout.write("manifests/stale.yaml", "old");
    const { code, stdout } = await checkout.freehold(["render", "--out", "manifests"]);
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual(
      expect.arrayContaining(["manifests/inference/chat-v1.values.yaml", "manifests/inference/chat-v1.yaml"]),
    );
    expect(existsSync(join(checkout.root, "manifests", "stale.yaml"))).toBe(false);
    expect(readFileSync(join(checkout.root, "manifests/platform/platform.yaml"), "utf8")).toContain("kind: Namespace");
  });

  it("says so when the output cannot be written", async () => {
    checkout.write("taken", "a file where a folder is wanted");
    for (const out of ["taken", "taken/out"]) {
      const { code, stderr } = await checkout.freehold(["render", "--out", out]);
      expect({ out, code }).toEqual({ out, code: 1 });
      expect(stderr).toContain("RUN-113");
      expect(stderr).not.toContain("    at ");
    }
  });

  it("touches no folder that holds anything else", async () => {
    checkout.write("gitops/platform/ours.yaml", "kind: Secret");
    for (const out of [".", "gitops", "gitops/platform"]) {
      const { code, stderr } = await checkout.freehold(["render", "--out", out]);
      expect({ out, code }).toEqual({ out, code: 1 });
      expect(stderr).toContain("RUN-114");
    }
    expect(readFileSync(join(checkout.root, "gitops/platform/ours.yaml"), "utf8")).toBe("kind: Secret");
    expect(existsSync(join(checkout.root, "config/stack.yaml"))).toBe(true);
  });
});

describe("explain", () => {
  it("prints the Blueprint for machines", async () => {
    const { stdout } = await checkout.freehold(["explain", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ name: "support-agents", namespaces: {} });
  });

  it("shows what is wrong instead when nothing can be decided", async () => {
    checkout.write("config/stack.yaml", stackWith(["tensorParallelSize: 2", "tensorParallelSize: 3"]));
    const { code, stdout, stderr } = await checkout.freehold(["explain"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("CAP-");
  });
});

describe("without a control plane", () => {
  it("says in status that nothing runs", async () => {
    const { code, stdout } = await checkout.freehold(["status"]);
    expect(code).toBe(1);
    expect(stdout).toBe("Nothing runs: the local control plane is down. npm start brings it up.\n");
  });

  it("has nothing to stop or destroy", async () => {
    expect(await checkout.freehold(["down"])).toMatchObject({ code: 0, stdout: "Nothing was running.\n" });
    expect((await checkout.freehold(["destroy", "--yes"])).code).toBe(0);
  });

  it("rejects a deployment and says what brings the control plane up", async () => {
    const { code, stderr } = await checkout.freehold(["deploy"]);
    expect(code).toBe(1);
    expect(stderr).toContain("npm start brings it up");
  });
});

describe("a cluster of one's own", () => {
  const kubeconfig = (server: string) =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server } }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "mine", context: { cluster: "c", user: "u" } }],
      "current-context": "mine",
    });
  const run = (args: readonly string[], text = kubeconfig("http://127.0.0.1:1")) => {
    writeFileSync(join(checkout.root, "kubeconfig"), text);
    return checkout.freehold(args, {
      environment: { ...process.env, FREEHOLD_STACK: undefined, KUBECONFIG: join(checkout.root, "kubeconfig") },
    });
  };

  it("rejects a context that the kubeconfig does not have, and names those it has", async () => {
    const { code, stderr } = await run(["status", "--context", "yours"]);
    expect(code).toBe(1);
    expect(stderr).toContain('yours  RUN-130  The kubeconfig has no context "yours".');
    expect(stderr).toContain("has: mine.");
  });

  it("says of a kubeconfig that cannot be read what is wrong with it", async () => {
    const { code, stderr } = await run(["status", "--context", "mine"], "clusters: [");
    expect(code).toBe(1);
    expect(stderr).toMatch(/kubeconfig cannot be read: .*yaml: line 1/);
  });

  it("rejects a context that leads nowhere", async () => {
    const { code, stderr } = await run(["status", "--context", "mine"]);
    expect(code).toBe(1);
    expect(stderr).toContain('mine  RUN-131  The cluster of the context "mine" does not answer.');
    expect(existsSync(join(checkout.root, ".freehold", "clusters.json"))).toBe(false);
  });

  it("asks for a context when the file names none and none is remembered", async () => {
    checkout.write(
      "config/stack.yaml",
      stackWith(
        ["cluster: { target: local }", "cluster: { target: existing, existing: { storageClass: shared } }"],
        ["state: { backend: local }", "state: { backend: gcs, bucket: b }"],
      ),
    );
    const { code, stderr } = await run(["status"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/LCK-10\d/);
  });

  it("survives a damaged memory of clusters", async () => {
    checkout.write(".freehold/clusters.json", "{ half");
    expect((await run(["status"])).stdout).toContain("Nothing runs");
    rmSync(join(checkout.root, ".freehold"), { recursive: true });
  });
});
