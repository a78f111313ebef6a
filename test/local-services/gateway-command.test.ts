// Proves: `freehold gateway` runs the gateway of a stack file alone, sends hard requests on as the file says, to a simulated model
// in the place of the one outside, and leaves nothing running behind.
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isAlive } from "../../local-cluster/process-identity.ts";
import { stopLocalServices } from "../../local-services/local-services.ts";
import type { RunningService } from "../../local-services/service-process.ts";
import { type Checkout, newCheckout } from "../support/checkout.ts";
import { soundStack } from "../support/stack-file.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const example = readFileSync(join(repository, "examples", "escalation", "stack.yaml"), "utf8");

let checkout: Checkout;
let directory: string;
beforeEach(() => {
  checkout = newCheckout();
  directory = join(checkout.root, ".freehold", "dev-gateway");
  mkdirSync(join(checkout.root, ".freehold"));
  for (const path of ["services", join(".freehold", "services")])
    symlinkSync(join(repository, path), join(checkout.root, path));
});
afterEach(async () => {
  await stopLocalServices(directory);
  checkout.remove();
});

it("answers until it is interrupted, from the model that the file sends hard requests to", async () => {
  checkout.write("stack.yaml", example);
  const interrupt = new AbortController();
  const ran = checkout.freehold(["gateway", join(checkout.root, "stack.yaml")], { signal: interrupt.signal });
  const record = join(directory, "services.json");
  await Promise.race([expect.poll(() => existsSync(record), { timeout: 50_000 }).toBe(true), ran]);
  const { services } = JSON.parse(readFileSync(record, "utf8")) as { services: readonly RunningService[] };
  expect(services.map(({ name }) => name)).toContain("engine-outside/large-1");
  expect(services.map(({ name }) => name)).not.toContain("orchestrator");

  const url = services.find(({ name }) => name === "gateway")?.url;
  const ask = (tags: string) =>
    fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${readFileSync(join(directory, "token-website"), "utf8")}`,
        "content-type": "application/json",
        "x-freehold-tags": tags,
      },
      body: JSON.stringify({
        model: "chat",
        max_tokens: 4,
        messages: [{ role: "user", content: "Hello" }],
        tools: [{ type: "function", function: { name: "look_up", parameters: {} } }],
      }),
    });
  const hard = await ask("contracts");
  expect(hard.status).toBe(200);
  expect(hard.headers.get("x-freehold-model")).toBe("large");
  expect(hard.headers.get("x-freehold-reason")).toBe("rule:contract-work");

  interrupt.abort();
  const { code, stdout } = await ran;
  expect(code).toBe(0);
  expect(stdout).toContain(`The gateway answers at ${url}/v1`);
  expect(services.filter(isAlive)).toEqual([]);
});

it("has nothing to run without a gateway in the file", async () => {
  checkout.write("stack.yaml", soundStack);
  const { code, stdout } = await checkout.freehold(["gateway", join(checkout.root, "stack.yaml")]);
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout: "The file has no section `gateway`, so there is nothing to run.\n",
  });
});
