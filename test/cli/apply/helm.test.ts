import { expect, it } from "vitest";
import { newestRevisions } from "../../../cli/apply/helm.ts";

it("takes the newest revision of each release, in whatever order the records come", () => {
  const lines = [
    "demo-inference\tchat-v1\t2\tsuperseded\taaaa",
    "demo-inference\tchat-v1\t10\tdeployed\tcccc",
    "demo-inference\tchat-v1\t9\tsuperseded\tbbbb",
    "demo-freehold\tplatform\t1\tdeployed\tdddd",
    "",
  ].join("\n");
  expect(newestRevisions(lines)).toEqual([
    {
      namespace: "demo-inference",
      name: "chat-v1",
      revision: 10,
      status: "deployed",
      contentHash: "cccc",
      lastGoodRevision: 10,
    },
    {
      namespace: "demo-freehold",
      name: "platform",
      revision: 1,
      status: "deployed",
      contentHash: "dddd",
      lastGoodRevision: 1,
    },
  ]);
});

it("remembers the last revision that ran when the newest is pending", () => {
  const lines = "ns\tchat-v1\t3\tpending-upgrade\tbbbb\nns\tchat-v1\t2\tdeployed\taaaa\nns\tchat-v1\t1\tsuperseded\t";
  expect(newestRevisions(lines)).toEqual([
    expect.objectContaining({ revision: 3, status: "pending-upgrade", lastGoodRevision: 2 }),
  ]);
});

it("knows no good revision of a first install that was interrupted", () => {
  expect(newestRevisions("ns\tchat-v1\t1\tpending-install\t")).toEqual([
    expect.objectContaining({ status: "pending-install", lastGoodRevision: null, contentHash: null }),
  ]);
});
