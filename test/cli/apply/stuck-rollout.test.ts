// Proves when a roll-out counts as stuck. test/cluster/ proves that it ends Helm early.
import { expect, it } from "vitest";
import { type DeploymentObject, findStuck, firstTrouble } from "../../../cli/apply/stuck-rollout.ts";

const deployment = (status: string, reason: string, observedGeneration = 2): DeploymentObject => ({
  metadata: { name: "chat-v1", generation: 2 },
  status: {
    observedGeneration,
    conditions: [
      { type: "Available", status: "False", reason: "MinimumReplicasUnavailable" },
      { type: "Progressing", status, reason, message: "It stands still.", lastUpdateTime: "2026-11-25T10:00:00Z" },
    ],
  },
});

it("is stuck once its Deployment has passed the progress deadline", () => {
  expect(findStuck([deployment("False", "ProgressDeadlineExceeded")])).toEqual({
    mark: "chat-v1 2 2026-11-25T10:00:00Z",
    detail: "Deployment chat-v1: It stands still.",
  });
});

it.each([
  ["it still goes on", deployment("True", "ReplicaSetUpdated")],
  ["the controller has not seen the change yet", deployment("False", "ProgressDeadlineExceeded", 1)],
  ["a replica could not be made, which is tried again", deployment("False", "FailedCreate")],
  ["nothing is known yet", { metadata: { name: "chat-v1", generation: 1 } }],
])("is not stuck while %s", (_, found) => {
  expect(findStuck([found])).toBeNull();
});

it("names the pod that finds no node, or the container that does not start", () => {
  const waiting = { reason: "ImagePullBackOff", message: "Back-off pulling image" };
  expect(
    firstTrouble([
      { metadata: { name: "chat-v1-a" }, status: {} },
      {
        metadata: { name: "chat-v1-b" },
        status: { conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available." }] },
      },
    ]),
  ).toBe("Pod chat-v1-b has no node: 0/3 nodes are available.");
  expect(
    firstTrouble([{ metadata: { name: "chat-v1-a" }, status: { containerStatuses: [{ state: { waiting } }] } }]),
  ).toBe("Pod chat-v1-a: ImagePullBackOff Back-off pulling image");
  expect(firstTrouble([])).toBeNull();
});
