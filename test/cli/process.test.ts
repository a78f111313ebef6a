import { expect, it } from "vitest";
import { runProcess } from "../../cli/process.ts";

it("interrupts a program whose end is wanted early, and lets it put things right", async () => {
  const earlyEnd = new AbortController();
  const program = "trap 'echo putting right; exit 3' INT; echo ready; while :; do sleep 0.05; done";
  const result = await runProcess("sh", ["-c", program], {
    environment: process.env,
    earlyEnd: earlyEnd.signal,
    timeoutSeconds: 30,
    onOutput: (text) => {
      if (text.includes("ready")) earlyEnd.abort();
    },
  });
  expect(result).toMatchObject({ status: 3, stdout: "ready\nputting right\n" });
});
