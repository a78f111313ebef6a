import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it, vi } from "vitest";
import { deadline } from "../../shared/src/deadline.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it.each([
  ["alone", undefined],
  ["beside another signal", new AbortController().signal],
])("ends although garbage is collected in between, %s", async (_, signal) => {
  const limit = deadline(100, signal);
  await sleep(20);
  collectGarbage();
  await vi.waitFor(() => expect(limit.aborted).toBe(true), { timeout: 10_000 });
  expect(limit.reason).toMatchObject({ name: "TimeoutError" });
});

it("ends with the other signal, and for its reason", () => {
  const controller = new AbortController();
  const limit = deadline(600_000, controller.signal);
  controller.abort(new Error("broken off"));
  expect(limit.reason).toEqual(new Error("broken off"));
});
