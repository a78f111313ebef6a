import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { explainFailure, type TerraformStack } from "../../../cli/apply/terraform.ts";
import { findTerraform, isOlder } from "../../../cli/apply/terraform-binary.ts";
import { Failure } from "../../../config/diagnostics/failure.ts";

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
