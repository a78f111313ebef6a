import { describe, expect, it } from "vitest";
import {
  changesNothing,
  type DesiredRelease,
  describeActions,
  type InstalledRelease,
  planReleases,
} from "../../../cli/apply/release-plan.ts";

const desired = (name: string, more: Partial<DesiredRelease> = {}): DesiredRelease => ({
  name,
  namespace: "demo-inference",
  phase: 2,
  chartDirectory: "charts/model-server",
  valuesPath: null,
  timeoutSeconds: 600,
  contentHash: "aaaa",
  ...more,
});

const installed = (name: string, more: Partial<InstalledRelease> = {}): InstalledRelease => ({
  name,
  namespace: "demo-inference",
  revision: 1,
  status: "deployed",
  contentHash: "aaaa",
  lastGoodRevision: 1,
  ...more,
});

describe("planReleases", () => {
  it("keeps a release whose content is deployed", () => {
    const actions = planReleases([desired("chat-v1")], [installed("chat-v1")], new Set());
    expect(actions.map(({ kind }) => kind)).toEqual(["keep"]);
    expect(changesNothing(actions)).toBe(true);
    expect(describeActions(actions)).toEqual([]);
  });

  it("touches only the release whose content changed", () => {
    const actions = planReleases(
      [desired("chat-v1", { contentHash: "bbbb" }), desired("embeddings-v1")],
      [installed("chat-v1"), installed("embeddings-v1")],
      new Set(),
    );
    expect(describeActions(actions)).toEqual(["~ demo-inference/chat-v1 is changed"]);
  });

  it("orders by phase, then by name, whatever order they come in", () => {
    const actions = planReleases(
      [desired("service.chat", { phase: 3 }), desired("b-v1"), desired("a-v1"), desired("platform", { phase: 0 })],
      [],
      new Set(),
    );
    expect(actions.map((action) => (action.kind === "remove" ? "" : action.release.name))).toEqual([
      "platform",
      "a-v1",
      "b-v1",
      "service.chat",
    ]);
  });

  it("removes what the file no longer names", () => {
    const actions = planReleases([], [installed("chat-v1")], new Set());
    expect(actions).toEqual([{ kind: "remove", name: "chat-v1", namespace: "demo-inference" }]);
  });

  it("applies again what somebody removed objects of, although its content is recorded as deployed", () => {
    const actions = planReleases([desired("chat-v1")], [installed("chat-v1")], new Set(["demo-inference/chat-v1"]));
    expect(actions.map(({ kind }) => kind)).toEqual(["upgrade"]);
  });

  it("applies again what failed", () => {
    const actions = planReleases([desired("chat-v1")], [installed("chat-v1", { status: "failed" })], new Set());
    expect(actions.map(({ kind }) => kind)).toEqual(["upgrade"]);
  });

  it.each([
    ["pending-install", null],
    ["pending-upgrade", 3],
    ["uninstalling", null],
  ])("heals a release that an interrupted run left %s", (status, lastGoodRevision) => {
    const [action] = planReleases(
      [desired("chat-v1")],
      [installed("chat-v1", { status, lastGoodRevision })],
      new Set(),
    );
    expect(action).toMatchObject({ kind: "heal", rollbackTo: lastGoodRevision });
  });
});
