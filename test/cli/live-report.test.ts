import { expect, it } from "vitest";
import { isReady, type LiveState } from "../../cli/cluster/live-state.ts";
import { liveTables } from "../../cli/live-report.ts";

const state: LiveState = {
  platform: { namespace: "demo-test-inference", ready: true, gpusUsed: 6, gpusAllowed: 18 },
  releases: [
    {
      stack: "inference",
      release: "chat-v1",
      model: "chat",
      version: "v1",
      serving: true,
      replicasReady: 2,
      replicasWanted: 2,
      gpusHeld: 4,
    },
  ],
  pools: [{ pool: "h100", nodesReady: 2, gpusHeld: 6, gpusAvailable: 16 }],
};

it("shows both stacks and the node pools", () => {
  expect(liveTables(state)).toBe(
    [
      "STACK      HOLDS                SERVES              READY   GPUS",
      "platform   demo-test-inference  (namespace, quota)  yes     6 of 18 allowed",
      "inference  chat-v1              chat                2 of 2  4",
      "",
      "NODE POOL  NODES READY  GPUS USED",
      "h100       2            6 of 16",
    ].join("\n"),
  );
});

it("is ready only with the platform", () => {
  expect(isReady(state)).toBe(true);
  expect(isReady({ ...state, platform: { ...state.platform, ready: false } })).toBe(false);
});
