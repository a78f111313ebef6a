// Proves: a start that cannot succeed ends with one sentence that says what to do, and leaves the folder free.
import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { embeddedStorage } from "./support/embedded.ts";
import { replicaProgram } from "./support/replica-process.ts";

const program = replicaProgram();
afterAll(() => program.remove());

const model = { url: "http://127.0.0.1:9/v1", model: "chat", dataClass: "public" };
const agents = { support: { graph: "support", settings: { model } } };
const embedded = (name: string) => ({ kind: "embedded", folder: join(program.folder, name) });

test("a taken port is named, and the embedded database is free again", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const storage = embedded("port");
  const refused = program.start({ storage, agents, listen: { port } });
  await expect(refused).rejects.toThrow(
    `127.0.0.1:${port} is taken by another process. Set listen.port to a free one.`,
  );
  await expect(refused).rejects.not.toThrow(/\n\s+at /);
  taken.close();
  const replica = await program.start({ storage, agents, listen: { port } });
  expect(replica.url).toBe(`http://127.0.0.1:${port}`);
  await replica.end("SIGKILL");
});

test("settings that are no JSON, no settings or name no agent end in a sentence", async () => {
  const path = join(program.folder, "broken.json");
  writeFileSync(path, "{ storage");
  const { stderr, status } = program.run(path);
  expect(stderr).toMatch(/^.*broken\.json cannot be read as JSON: /);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(status).toBe(1);
  await expect(program.start({ storage: embedded("a"), agents, surprise: 1 })).rejects.toThrow(/surprise/);
  await expect(
    program.start({ storage: embedded("b"), agents: { x: { graph: "unheard-of", settings: {} } } }),
  ).rejects.toThrow(/unheard-of/);
});

test("a database that does not answer is said so", async () => {
  const urlFile = join(program.folder, "url");
  writeFileSync(urlFile, "postgres://postgres@127.0.0.1:9/postgres");
  await expect(program.start({ storage: { kind: "postgres", urlFile }, agents })).rejects.toThrow(
    "The database that storage.urlFile names does not answer.",
  );
});

test("of four processes that meet the lock of a dead one, one gets the folder", async () => {
  for (let round = 0; round < 3; round += 1) {
    const storage = await embeddedStorage(embedded(`race-${round}`).folder);
    const gone = spawnSync(process.execPath, ["--version"]).pid;
    writeFileSync(`${storage.folder}.lock`, `${gone}\n`);
    const started = await Promise.allSettled([1, 2, 3, 4].map(() => program.start({ storage, agents })));
    const reasons = started.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
    expect(reasons).toHaveLength(3);
    for (const reason of reasons) expect(reason).toMatch(/is in use by process|Another process is taking over/);
    for (const one of started) if (one.status === "fulfilled") await one.value.end("SIGTERM");
    expect(readdirSync(program.folder).filter((name) => name.startsWith(`race-${round}.lock`))).toEqual([]);
  }
});
