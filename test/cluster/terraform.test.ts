/**
 * The other way to the same cluster: Terraform or OpenTofu with the real providers plans, applies, and then finds
 * nothing to change. Where the providers cannot be had the test says so and is counted as skipped.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { testTools } from "../support/cluster.ts";
import { stackWith } from "../support/stack-file.ts";

let checkout: Checkout;
let missing: string | null = null;

beforeAll(async () => {
  checkout = newCheckout();
  await testTools();
  checkout.write("config/stack.yaml", stackWith());
  const first = await checkout.freehold(["up", "--via", "terraform"]);
  const unavailable = /RUN-12[012] {2}(.*)/.exec(first.stderr)?.[1];
  if (first.code !== 0 && unavailable !== undefined) missing = unavailable;
  else expect(first, first.stderr).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await checkout.freehold(["down"]);
  checkout.remove();
});

it("finds nothing to change right after it applied", async ({ skip }) => {
  if (missing !== null) skip(missing);
  const second = await checkout.freehold(["deploy"]);
  expect(second.stdout).toBe("Nothing to change.\n");
  expect(second.code).toBe(0);
});

it("shows the one changed model in a plan and asks before it applies", async ({ skip }) => {
  if (missing !== null) skip(missing);
  checkout.write("config/stack.yaml", stackWith(["Qwen/Qwen3-32B", "Qwen/Qwen3-14B"]));
  const asked = await checkout.freehold(["deploy"]);
  expect(asked.stderr).toContain("RUN-142");
  expect(asked.stderr).toContain("helm_release.models_chat_versions_v1_release");
  expect((await checkout.freehold(["deploy", "--yes"])).code).toBe(0);
});

it("refuses to apply as manifests what Terraform holds", async ({ skip }) => {
  if (missing !== null) skip(missing);
  const other = await checkout.freehold(["deploy", "--via", "manifests", "--yes"]);
  expect(other.code).toBe(1);
  expect(other.stderr).toContain("RUN-135  The stack support-agents is already there, applied by terraform.");
});

it("removes everything it made", async ({ skip }) => {
  if (missing !== null) skip(missing);
  const destroyed = await checkout.freehold(["destroy", "--yes"]);
  expect(destroyed, destroyed.stderr).toMatchObject({ code: 0, stdout: "support-agents is removed.\n" });
});
