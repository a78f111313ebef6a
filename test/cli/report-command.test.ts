// Proves: the command writes one page or nothing, never over what is not a report, and says by its exit code whether
// the file can be deployed.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { apiStack, changed, hostingStack } from "../support/report.ts";

let checkout: Checkout;
const path = (name: string) => join(checkout.root, name);

beforeEach(() => {
  checkout = newCheckout();
  checkout.write("config/stack.yaml", apiStack);
});
afterEach(() => {
  chmodSync(checkout.root, 0o755);
  checkout.remove();
});

describe("freehold report", () => {
  it("writes the page where one stands, and prints where it is", async () => {
    const { code, stdout } = await checkout.freehold(["report"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "report.html\n" });
    const page = readFileSync(path("report.html"), "utf8");
    expect(page).toMatch(/^<!doctype html>\n/);
    expect(page).toContain("From config/stack.yaml, on 2026-11-24.");
  });

  it("replaces an earlier report, in a folder that it makes", async () => {
    await checkout.freehold(["report", "--out", "out/page.html"]);
    const first = readFileSync(path("out/page.html"), "utf8");
    writeFileSync(path("out/page.html"), first.replace("support-agents", "changed"));
    expect((await checkout.freehold(["report", "--out", "out/page.html"])).code).toBe(0);
    expect(readFileSync(path("out/page.html"), "utf8")).toBe(first);
    expect(readdirSync(path("out"))).toEqual(["page.html"]);
  });

  it("writes the page of a stack that cannot be deployed as well, and ends with 1", async () => {
    checkout.write("small.yaml", changed(hostingStack, ["nodes: { min: 8, max: 8 }", "nodes: { min: 1, max: 1 }"]));
    const { code, stdout, stderr } = await checkout.freehold(["report", "small.yaml"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "report.html\n" });
    expect(stderr).toContain("CAP-101");
    expect(readFileSync(path("report.html"), "utf8")).toContain("The file cannot be deployed as it stands.");
  });

  it("writes nothing for a file that cannot be understood", async () => {
    checkout.write("broken.yaml", changed(hostingStack, ["engine: vllm", "engine: steam"]));
    const { code, stdout } = await checkout.freehold(["report", "broken.yaml"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(existsSync(path("report.html"))).toBe(false);
  });

  it("writes through a link, which stays", async () => {
    mkdirSync(path("shared"));
    writeFileSync(path("shared/page.html"), "");
    symlinkSync("shared/page.html", path("report.html"));
    expect((await checkout.freehold(["report"])).code).toBe(0);
    expect(lstatSync(path("report.html")).isSymbolicLink()).toBe(true);
    expect(readFileSync(path("shared/page.html"), "utf8")).toContain("<!doctype html>");
  });
});

describe("an output path that cannot be used", () => {
  it.each([
    ["config/stack.yaml", "a file that this command did not write"],
    ["config", "a folder"],
    ["/dev/null", "a pipe or a device"],
  ])("rejects %s and leaves it as it is", async (out, found) => {
    const before = readFileSync(path("config/stack.yaml"), "utf8");
    const { code, stdout, stderr } = await checkout.freehold(["report", "--out", out]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("RUN-115");
    expect(stderr).toContain(`There is ${found} at `);
    expect(readFileSync(path("config/stack.yaml"), "utf8")).toBe(before);
    expect(readdirSync(path("config"))).toEqual(["stack.yaml"]);
  });

  it("rejects one below a file, in the system's words", async () => {
    const { code, stderr } = await checkout.freehold(["report", "--out", "config/stack.yaml/report.html"]);
    expect(code).toBe(1);
    expect(stderr).toContain("RUN-113");
    expect(stderr).toContain("not a directory");
  });

  it("leaves the earlier page as it was when the disk refuses the new one", async () => {
    await checkout.freehold(["report"]);
    const before = readFileSync(path("report.html"), "utf8");
    // What stands in the way of the temporary file refuses as a full disk does, also where root may write everywhere.
    mkdirSync(`${path("report.html")}.${process.pid}`);
    checkout.write("config/stack.yaml", hostingStack);
    const { code, stderr } = await checkout.freehold(["report"]);
    expect(code).toBe(1);
    expect(stderr).toContain("RUN-113");
    expect(readFileSync(path("report.html"), "utf8")).toBe(before);
  });
});
