import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backendChange } from "../../../cli/apply/state-backend.ts";
import { explainFailure, initialize, type TerraformStack } from "../../../cli/apply/terraform.ts";
import { findTerraform, isOlder } from "../../../cli/apply/terraform-binary.ts";
import { Failure } from "../../../config/diagnostics/failure.ts";
import type { Finding } from "../../../config/diagnostics/finding.ts";

const signal = new AbortController().signal;
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "freehold-terraform-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A program that answers `version -json` like Terraform of that version, with a warning in front as some set-ups have. */
function installFake(name: string, version: string): void {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho 'Warning: no CLI configuration'\necho '{"terraform_version": "${version}"}'\n`);
  chmodSync(path, 0o755);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Failure) return error.finding.code;
    throw error;
  }
  return "none";
}

describe("findTerraform", () => {
  const environment = () => ({ PATH: `${folder}:/usr/bin:/bin` });

  it("takes Terraform when both are there", async () => {
    installFake("terraform", "1.11.4");
    installFake("tofu", "1.12.0");
    expect(await findTerraform({ environment: environment(), signal })).toMatchObject({
      name: "terraform",
      version: "1.11.4",
    });
  });

  it("takes OpenTofu when it is alone", async () => {
    installFake("tofu", "1.11.0");
    expect(await findTerraform({ environment: { PATH: `${folder}:/bin` }, signal })).toMatchObject({ name: "tofu" });
  });

  it("takes the binary that TERRAFORM_BINARY_NAME names", async () => {
    installFake("terraform", "1.11.4");
    installFake("tofu", "1.11.2");
    const chosen = { ...environment(), TERRAFORM_BINARY_NAME: "tofu" };
    expect(await findTerraform({ environment: chosen, signal })).toMatchObject({ name: "tofu", version: "1.11.2" });
  });

  it("rejects a machine that has neither", async () => {
    expect(await codeOf(findTerraform({ environment: { PATH: folder }, signal }))).toBe("RUN-120");
  });

  it("passes over a Terraform that is too old when OpenTofu is there", async () => {
    installFake("terraform", "1.5.7");
    installFake("tofu", "1.11.0");
    expect(await findTerraform({ environment: environment(), signal })).toMatchObject({ name: "tofu" });
  });

  it("rejects a version before 1.11", async () => {
    installFake("terraform", "1.10.9");
    expect(await codeOf(findTerraform({ environment: environment(), signal }))).toBe("RUN-121");
  });
});

describe("isOlder", () => {
  it.each([
    ["1.11.0", false],
    ["1.11.0-rc1", false],
    ["1.10.12", true],
    ["2.0.0", false],
    ["0.15.5", true],
    [null, true],
    ["unknown", true],
  ])("says of %s: %s", (version, expected) => {
    expect(isOlder(version, "1.11.0")).toBe(expected);
  });
});

describe("initialize", () => {
  const [real] = ["terraform", "tofu"].flatMap((name) =>
    (process.env.PATH ?? "")
      .split(delimiter)
      .map((path) => join(path, name))
      .filter((path) => existsSync(path)),
  );
  const stack = (): TerraformStack => ({
    binary: { name: "terraform", path: real ?? "", version: "1.11.4" },
    stack: "platform",
    directory: folder,
    access: {
      context: "",
      kubeconfigPath: null,
      kubectlPath: "",
      environment: { PATH: process.env.PATH, HOME: folder },
      signal,
    },
  });

  /** The finding of preparing the folder with this backend, or null. */
  async function prepare(backend: object): Promise<Finding | null> {
    writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify({ terraform: { backend } }));
    try {
      await initialize(stack());
      return null;
    } catch (error) {
      if (error instanceof Failure) return error.finding;
      throw error;
    }
  }
  const local = (key: string, base = "../../../.freehold") => ({ local: { path: `${base}/state/${key}.tfstate` } });

  it.skipIf(real === undefined)("takes the same backend again without a word", async () => {
    expect(await prepare(local("demo/test/platform"))).toBeNull();
    expect(await prepare(local("demo/test/platform"))).toBeNull();
  });

  it.skipIf(real === undefined)("leaves the state of another stack file where it is", async () => {
    expect(await prepare(local("demo/test/platform"))).toBeNull();
    expect(await prepare(local("other/test/platform"))).toBeNull();
    expect(await prepare(local("demo/test/platform"))).toBeNull();
  });

  it.skipIf(real === undefined)("passes over no state of the same stack silently", async () => {
    expect(await prepare(local("demo/test/platform"))).toBeNull();
    const suffix = { namespace: "terraform", secret_suffix: "demo-test-platform" };
    expect(await prepare({ kubernetes: suffix })).toMatchObject({
      code: "RUN-125",
      why: expect.stringContaining(
        "Until now: local, path ../../../.freehold/state/demo/test/platform.tfstate. From now on: kubernetes, namespace terraform, secret_suffix demo-test-platform.",
      ),
    });
    expect(await prepare({ kubernetes: suffix })).toMatchObject({ code: "RUN-125" });
    expect(await prepare(local("demo/test/platform"))).toBeNull();
  });

  it("shows of the old place only where it was, never how one got in", () => {
    mkdirSync(join(folder, ".terraform"));
    const config = { address: "https://old/demo-test-platform", username: "ana", password: "secret", retry_max: null };
    const noted = { version: 3, backend: { type: "http", config } };
    writeFileSync(join(folder, ".terraform", "terraform.tfstate"), JSON.stringify(noted));
    const now = { address: "https://new/demo-test-platform" };
    writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify({ terraform: { backend: { http: now } } }));
    expect(backendChange(folder)).toEqual({
      otherStack: false,
      from: "http, address https://old/demo-test-platform",
      to: "http, address https://new/demo-test-platform",
    });
  });

  it.each([
    { s3: { bucket: "b", key: "demo/test/platform" } },
    { gcs: { bucket: "b", prefix: "demo/test/platform" } },
    { azurerm: { key: "demo/test/platform" } },
    { pg: { schema_name: "demo_test_platform" } },
    { http: { address: "https://states/demo-test-platform" } },
    { kubernetes: { secret_suffix: "demo-test-platform" } },
  ])("knows a stack's state at %j as the same stack's", (backend) => {
    mkdirSync(join(folder, ".terraform"));
    const [type] = Object.keys(backend);
    const noted = (key: string) => ({ backend: { type: "local", config: local(key).local } });
    writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify({ terraform: { backend } }));
    for (const [key, otherStack] of [
      ["demo/test/platform", false],
      ["other/test/platform", true],
    ] as const) {
      writeFileSync(join(folder, ".terraform", "terraform.tfstate"), JSON.stringify(noted(key)));
      expect(backendChange(folder), type).toMatchObject({ otherStack });
    }
  });
});

describe("explainFailure", () => {
  const stack: TerraformStack = {
    binary: { name: "terraform", path: "terraform", version: "1.11.4" },
    stack: "platform",
    directory: "",
    access: { context: "", kubeconfigPath: null, kubectlPath: "", environment: {}, signal },
  };
  const result = (stderr: string) => ({ status: 1, stdout: "", stderr });

  it("names the registry that could not be reached", () => {
    const output = [
      "Error: Failed to query available provider packages",
      "",
      "Could not retrieve the list of available versions for provider",
      "hashicorp/helm: could not connect to registry.terraform.io: failed to",
      "request discovery document: no such host",
    ].join("\n");
    const { code, why } = explainFailure(stack, "init", result(output));
    expect(code).toBe("RUN-122");
    expect(why).toContain("could not connect to registry.terraform.io: failed to request discovery document");
  });

  it("says who holds the state's lock and since when", () => {
    const output = [
      "╷",
      "│ Error: Error acquiring the state lock",
      "│ ",
      "│ Error message: resource temporarily unavailable",
      "│ Lock Info:",
      "│   ID:        8e9cd7cb-2b6b-dd75-3da0-0f6ca1b0bb1f",
      "│   Path:      platform.tfstate",
      "│   Who:       ana@build-7",
      "│   Created:   2026-11-24 04:00:00 UTC",
      "╵",
    ]
      .join("\n")
      .replace(/^│ {3}/gm, "  ");
    const { code, why } = explainFailure(stack, "plan", result(output));
    expect(code).toBe("RUN-123");
    expect(why).toContain(
      "Lock ID 8e9cd7cb-2b6b-dd75-3da0-0f6ca1b0bb1f, held by ana@build-7 since 2026-11-24 04:00:00 UTC.",
    );
  });

  it("calls a full disk a full disk", () => {
    expect(explainFailure(stack, "init", result("write foo: no space left on device")).code).toBe("RUN-113");
  });

  it("gives the errors of any other failure without Terraform's frames", () => {
    const output = "╷\n│ Error: context deadline exceeded\n│ \n│   with helm_release.chat,\n╵\n";
    const { code, why } = explainFailure(stack, "apply", result(output));
    expect(code).toBe("RUN-124");
    expect(why).toBe("context deadline exceeded with helm_release.chat,");
  });
});
