import { describe, expect, it } from "vitest";
import {
  changesNothing,
  type DesiredRelease,
  describeActions,
  goesFirst,
  type InstalledRelease,
  phaseOf,
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
  holdsData: false,
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
    ["pending-install", null, { kind: "uninstall" }],
    ["pending-upgrade", 3, { kind: "rollback", revision: 3 }],
    ["uninstalling", null, { kind: "uninstall" }],
  ])("heals a release that an interrupted run left %s", (status, lastGoodRevision, remedy) => {
    const [action] = planReleases(
      [desired("chat-v1")],
      [installed("chat-v1", { status, lastGoodRevision })],
      new Set(),
    );
    expect(action).toMatchObject({ kind: "heal", remedy });
  });

  it.each([
    ["pending-install", null, { kind: "forget", revision: 4 }],
    ["pending-upgrade", 3, { kind: "forget", revision: 4 }],
    ["uninstalling", null, { kind: "uninstall" }],
  ])("never removes a claim to heal it; one %s", (status, lastGoodRevision, remedy) => {
    const [action] = planReleases(
      [desired("weights.chat-v1-weights-0a1b2c3d", { holdsData: true })],
      [installed("weights.chat-v1-weights-0a1b2c3d", { revision: 4, status, lastGoodRevision })],
      new Set(),
    );
    expect(action).toMatchObject({ kind: "heal", remedy });
  });

  it("removes the Service before what serves, and the Job that fills a claim before the claim", () => {
    const names = ["platform", "shared", "weights.a", "fetch.a", "chat-v1", "service.chat"];
    const actions = planReleases(
      [],
      names.map((name) => installed(name)),
      new Set(),
    );
    expect(actions.map((action) => action.kind === "remove" && action.name)).toEqual([...names].reverse());
  });
});

describe("phaseOf", () => {
  it.each([
    ["policies that are there", "policies", "upgrade", -1],
    ["policies that an interrupted run left half done", "policies", "heal", -1],
    ["policies of a stack that is new", "policies", "install", 1],
    ["a version", "chat-v1", "upgrade", 1],
  ] as const)("of %s", (_, name, kind, expected) => {
    const release = desired(name, { phase: 1 });
    const action =
      kind === "heal" ? { kind, release, remedy: { kind: "uninstall" as const } } : ({ kind, release } as const);
    expect(phaseOf(action)).toBe(expected);
  });
});

describe("goesFirst", () => {
  const model = (fits: boolean) => ({ overlap: { value: { fits } } });

  it("lets only versions of a model without room for two make room", () => {
    const models = { chat: model(false), embeddings: model(true) };
    expect(goesFirst("chat-v1", models)).toBe(true);
    expect(goesFirst("embeddings-v1", models)).toBe(false);
  });

  it("takes the longer name of two models that a release may be of", () => {
    const models = { chat: model(true), "chat-long": model(false) };
    expect(goesFirst("chat-long-v1", models)).toBe(true);
    expect(goesFirst("chat-v1", models)).toBe(false);
  });

  it("lets a model that is gone make room where any other may need it", () => {
    expect(goesFirst("old-v1", { chat: model(true) })).toBe(false);
    expect(goesFirst("old-v1", { chat: model(true), embeddings: model(false) })).toBe(true);
    expect(goesFirst("old-v1", {})).toBe(false);
  });
});
