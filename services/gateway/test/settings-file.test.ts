// Proves: after what time a change of the settings, or of a file with a key that they name, is taken, by a clock of the test's own.
import { mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { contentOf, watchSettings } from "../src/settings-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gateway-settings-"));
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const path = (name: string) => join(folder, name);
const settings = (weight: number) => ({
  listen: { port: 0 },
  admin: { port: 0 },
  residencyMode: "none",
  dataClasses: { internal: { leavesBoundary: "allowed" } },
  placements: [],
  backends: {
    frontier: {
      url: "https://api.example.com",
      model: "large",
      digest: "d",
      location: "outside",
      apiKeyFile: path("frontier-key"),
    },
  },
  models: { large: { maxModelLen: 1000, versions: { v1: { weight, backends: ["frontier"] } } } },
  tenants: {},
  keysFile: path("keys.json"),
});
const write = (name: string, content: unknown) =>
  writeFileSync(path(name), typeof content === "string" ? content : JSON.stringify(content));

async function watched() {
  write("settings.json", settings(1));
  write("keys.json", []);
  write("frontier-key", "first");
  const taken: number[] = [];
  const faults: string[] = [];
  const watch = watchSettings(
    path("settings.json"),
    await contentOf(path("settings.json")),
    async (changed) => {
      taken.push(changed.models.large?.versions.v1?.weight ?? 0);
    },
    ({ message }) => faults.push(message),
  );
  /** Lets the time pass, and then the reads that it began, which no clock holds up. */
  const after = async (milliseconds: number) => {
    vi.advanceTimersByTime(milliseconds);
    await new Promise((resolve) => setTimeout(resolve, 50));
  };
  return { watch, taken, faults, after };
}

it("takes a change within half a second, and not before it looks", async () => {
  const { watch, taken, after } = await watched();
  write("settings.json", settings(2));
  await after(499);
  expect(taken).toEqual([]);
  await after(1);
  await expect.poll(() => taken).toEqual([2]);
  await after(5000);
  expect(taken).toEqual([2]);
  watch.stop();
});

it("takes the key of a model outside that was changed, though the settings stay as they are", async () => {
  const { watch, taken, after } = await watched();
  write("frontier-key", "second");
  await after(500);
  await expect.poll(() => taken).toEqual([1]);
  watch.stop();
});

it("follows a link that is turned to other content, as a mounted Secret is", async () => {
  const { watch, taken, after } = await watched();
  write("later.json", settings(3));
  unlinkSync(path("settings.json"));
  symlinkSync(path("later.json"), path("settings.json"));
  await after(500);
  await expect.poll(() => taken).toEqual([3]);
  watch.stop();
});

it("says what is wrong once, and takes the next that holds", async () => {
  const { watch, taken, faults, after } = await watched();
  write("settings.json", "{");
  await after(500);
  await expect.poll(() => faults.length).toBe(1);
  await after(500);
  await after(500);
  expect(faults).toHaveLength(1);
  write("settings.json", settings(4));
  await after(500);
  await expect.poll(() => taken).toEqual([4]);
  watch.stop();
});
