// Proves: the example that a newcomer copies runs, also from elsewhere, and a folder that holds no agent is said so.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { AgentNotLoadable, withCustom } from "../src/agents/custom.ts";
import { AgentRegistry } from "../src/agents/registry.ts";
import { shipped } from "../src/agents/shipped.ts";
import { replicaProgram } from "./support/replica-process.ts";

const example = fileURLToPath(new URL("../examples/custom-agent", import.meta.url));
const bundle = fileURLToPath(new URL("../../../.freehold/services/orchestrator.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "orchestrator-custom-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the example's own tests pass, copied to another place", () => {
  const copy = join(folder, "copy");
  cpSync(example, copy, { recursive: true });
  const { NODE_OPTIONS: _, ...environment } = process.env;
  const run = spawnSync(process.execPath, ["--test", join(copy, "agent.test.mjs")], {
    encoding: "utf8",
    timeout: 150_000,
    env: { ...environment, FREEHOLD_ORCHESTRATOR: bundle },
  });
  expect(run.stdout).toMatch(/pass 3\b/);
  expect(run.status).toBe(0);
}, 180_000);

test("its settings are checked at start, by name", async () => {
  const kinds = await withCustom(shipped, { triage: "custom-agent" }, join(example, ".."));
  const build = (settings: Record<string, unknown>) =>
    new AgentRegistry({ desk: { graph: "triage", settings } }, kinds).graphOf("desk");
  const model = { url: "http://model/v1", model: "chat", dataClass: "internal" };
  expect(build({ model, queues: { billing: "invoices" } })).toBe("triage");
  expect(() => build({ model })).toThrow(/queues/);
  expect(() => build({ model, queues: {}, colour: "red" })).toThrow(/colour/);
});

test("a folder that holds no agent is said so in a sentence, and a process ends with it", async () => {
  const load = (graphs: Record<string, string>) => withCustom(shipped, graphs, folder);
  await expect(load({ mine: "nowhere" })).rejects.toThrow(/graphs\.mine: there is no file .*nowhere.agent\.mjs/);
  await expect(load({ support: example })).rejects.toThrow(/graphs\.support: there is a graph of that name already/);
  const written = (name: string, text: string) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "agent.mjs"), text);
    return load({ mine: name });
  };
  await expect(written("none", "export const x = 1;")).rejects.toThrow(/no function that takes the host/);
  await expect(written("other", "export default () => 7;")).rejects.toThrow(/agentKind did not make/);
  await expect(written("broken", "export default (")).rejects.toThrow(AgentNotLoadable);
  const program = replicaProgram();
  const path = join(program.folder, "settings.json");
  const storage = { kind: "embedded", folder: join(program.folder, "data") };
  writeFileSync(path, JSON.stringify({ storage, graphs: { mine: "nowhere" }, agents: {} }));
  const { status, stderr } = program.run(path);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^graphs\.mine: there is no file .*agent\.mjs\.\n$/)]);
  await program.remove();
});
