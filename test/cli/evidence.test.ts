// Proves: what the commands for an auditor write, that it is the same each time, and that nothing secret of the machine is in
// it. That a cluster enforces what the folder says is not proven, and the folder says so itself.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canaries, canariesIn } from "../support/canaries.ts";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { stackWith } from "../support/stack-file.ts";

let checkout: Checkout;
beforeEach(() => {
  checkout = newCheckout();
  checkout.write("config/stack.yaml", stackWith());
});
afterEach(() => checkout.remove());

function contents(folder: string): Readonly<Record<string, string>> {
  const root = join(checkout.root, folder);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((item) => item.isFile());
  return Object.fromEntries(
    files.map((item) => {
      const path = join(item.parentPath, item.name);
      return [path.slice(root.length + 1), readFileSync(path, "utf8")];
    }),
  );
}

describe("flows", () => {
  it("says who may talk to whom", async () => {
    const { code, stdout } = await checkout.freehold(["flows"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^from +to +ports$/m);
    expect(stdout).toMatch(/^inference clients +chat-v1 +TCP 8000$/m);
    expect(stdout).toMatch(/^fetch-weights +name servers +UDP 53, TCP 53$/m);
    expect(stdout).toMatch(/\nEvery other connection is denied\.\n$/);
  });

  it("writes a picture with one line a connection", async () => {
    const { code } = await checkout.freehold(["flows", "--svg", "flows.svg"]);
    expect(code).toBe(0);
    const svg = readFileSync(join(checkout.root, "flows.svg"), "utf8");
    expect(svg).toMatch(/^<svg xmlns=/);
    expect(svg.match(/<path /g)).toHaveLength(3);
    expect(svg).toContain("169.254.169.254");
  });

  it("prints the connections as JSON", async () => {
    const { stdout } = await checkout.freehold(["flows", "--json"]);
    expect(JSON.parse(stdout)).toHaveLength(3);
  });

  it("rejects a file that cannot be deployed", async () => {
    checkout.write("config/stack.yaml", stackWith(["nodePool: h100", "nodePool: h200"]));
    expect((await checkout.freehold(["flows"])).code).toBe(1);
  });
});

describe("evidence", () => {
  it("is the same to the byte but for its time, whose hash is not listed", async () => {
    expect((await checkout.freehold(["evidence"])).stdout).toBe("evidence/index.md\n");
    const first = contents("evidence");
    await checkout.freehold(["evidence", "--out", "again"], { now: () => new Date("2026-11-25T01:02:03Z") });
    const { "timestamp.txt": time, ...again } = contents("again");
    const { "timestamp.txt": earlier, ...rest } = first;
    expect(again).toEqual(rest);
    expect([earlier, time]).toEqual(["2026-11-24T00:00:00.000Z\n", "2026-11-25T01:02:03.000Z\n"]);
    expect(rest.SHA256SUMS).not.toContain("timestamp");
  });

  it("lists the hash of each of its files, and links to each from its first page", async () => {
    await checkout.freehold(["evidence"]);
    const { SHA256SUMS: sums = "", "timestamp.txt": _, ...files } = contents("evidence");
    const listed = Object.fromEntries(
      sums
        .trimEnd()
        .split("\n")
        .map((line) => [line.slice(66), line.slice(0, 64)]),
    );
    const computed = Object.entries(files).map(([name, text]) => [
      name,
      createHash("sha256").update(text).digest("hex"),
    ]);
    expect(listed).toEqual(Object.fromEntries(computed));
    const linked = [...(files["index.md"] ?? "").matchAll(/\]\(([^)]+)\)/g)].map(([, name]) => name);
    expect([...linked, "index.md"].sort()).toEqual(Object.keys(files).sort());
  });

  it("holds the hashes of what synth writes", async () => {
    await checkout.freehold(["evidence"]);
    await checkout.freehold(["synth", "--out", "out"]);
    const listed = contents("evidence")["output.sha256"]?.trimEnd().split("\n") ?? [];
    const written = Object.entries(contents("out"))
      .map(([name, text]) => `${createHash("sha256").update(text).digest("hex")}  ${name}`)
      .sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1));
    expect(listed).toEqual(written);
  });

  it("says what runs, what was checked and what was not", async () => {
    await checkout.freehold(["evidence"]);
    const files = contents("evidence");
    expect(JSON.parse(files["inventory.json"] ?? "")).toMatchObject({
      releases: [{ release: "chat-v1", weights: { repository: "Qwen/Qwen3-32B" } }],
    });
    const checks = JSON.parse(files["checks.json"] ?? "") as { code: string; found: string[] }[];
    expect(checks.length).toBeGreaterThan(70);
    expect(checks.filter(({ found }) => found.length > 0).map(({ code }) => code)).toEqual(["LCK-107", "LCK-108"]);
    expect(files["not-checked.md"]).toContain("chat-v1 runs: they are not locked");
  });

  it("rejects a folder that holds something else", async () => {
    checkout.write("mine/letter.txt", "Dear");
    const { code, stderr } = await checkout.freehold(["evidence", "--out", "mine"]);
    expect(code).toBe(1);
    expect(stderr).toContain("RUN-114");
    expect(contents("mine")).toEqual({ "letter.txt": "Dear" });
  });
});

describe("secrets of the machine", () => {
  /** Canaries in everything that commands print and write. */
  async function leaked(...files: readonly string[]): Promise<string[]> {
    const printed: string[] = [];
    for (const args of [
      ["check"],
      ["explain"],
      ["explain", "--json"],
      ["flows"],
      ["synth", "--out", "out"],
      ["evidence"],
      ["bundle", "list"],
      ["decide"],
      ["report", "--out", "report.html"],
      ["preflight"],
      ["deploy", "--yes"],
      ["no-such-command"],
      ...files.map((file) => ["check", file]),
    ]) {
      const { stdout, stderr } = await checkout.freehold(args, { environment: { ...canaries, PATH: "" } });
      printed.push(stdout, stderr);
    }
    const all = [...printed, ...Object.values(contents("."))].join("\n");
    return canariesIn(all);
  }

  it("are in nothing that is printed or written", async () => {
    expect(Object.keys(canaries).length).toBeGreaterThanOrEqual(20);
    checkout.write("broken.yaml", stackWith(["engine: vllm", "engine: [vllm"]));
    expect(await leaked("broken.yaml")).toEqual([]);
  });

  it("would be found: a canary planted in the file is", async () => {
    const [, planted = ""] = Object.entries(canaries)[3] ?? [];
    checkout.write("config/stack.yaml", `${stackWith()}silence: { LCK-107: "accepted for ${planted}" }\n`);
    expect(await leaked()).toEqual(["GOOGLE_CREDENTIALS"]);
  });
});
