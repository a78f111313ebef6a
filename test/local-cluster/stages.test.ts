// Proves: kwok is told the four things it does in place of a kubelet, in documents it can read. What kwok then does is
// proved with a real control plane in test/cluster/.
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { kwokConfiguration } from "../../local-cluster/stages.ts";

interface Stage {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly resourceRef: { readonly kind: string };
    readonly selector: { readonly matchExpressions: readonly { key: string; operator: string; values?: string[] }[] };
    readonly delay?: { readonly durationMilliseconds: number };
    readonly next: { readonly statusTemplate?: string; readonly delete?: boolean };
  };
}

const stages = parseAllDocuments(kwokConfiguration()).map((document) => document.toJS() as Stage);
const named = (name: string) => {
  const stage = stages.find(({ metadata }) => metadata.name === name);
  if (stage === undefined) throw new Error(`there is no stage ${name}`);
  return stage;
};

it("has one stage for each step in the life of a node and a pod", () => {
  expect(stages.map(({ metadata, spec }) => `${spec.resourceRef.kind} ${metadata.name}`)).toEqual([
    "Node node-ready",
    "Pod pod-ready",
    "Pod pod-completed",
    "Pod pod-deleted",
  ]);
  for (const { apiVersion, kind } of stages) expect([apiVersion, kind]).toEqual(["kwok.x-k8s.io/v1alpha1", "Stage"]);
});

it("never wakes a pod that is being deleted", () => {
  for (const name of ["pod-ready", "pod-completed"]) {
    expect(named(name).spec.selector.matchExpressions).toContainEqual({
      key: ".metadata.deletionTimestamp",
      operator: "DoesNotExist",
    });
  }
  expect(named("pod-deleted").spec.next).toEqual({ delete: true });
});

it("ends only pods that are meant to end", () => {
  const { selector, delay } = named("pod-completed").spec;
  expect(selector.matchExpressions).toContainEqual({
    key: ".spec.restartPolicy",
    operator: "In",
    values: ["Never", "OnFailure"],
  });
  expect(delay).toEqual({ durationMilliseconds: 1000 });
});

describe("the status that a stage gives", () => {
  /** The template for a pod with one container of each kind: the last branch of a choice, one turn of a loop. */
  const filledIn = (template: string) =>
    template
      .replaceAll("{{ Now | Quote }}", '"2026-11-24T00:00:00Z"')
      .replaceAll(/\{\{ (?:\.|index)[^}]*\| Quote \}\}/g, '"text"')
      .replaceAll(/\{\{ if [\s\S]*?\{\{ else \}\}/g, "")
      .replaceAll(/\{\{[^}]*\}\}\n/g, "");

  it.each(["node-ready", "pod-ready", "pod-completed"])("%s is yaml once it is filled in", (name) => {
    const status = parse(filledIn(named(name).spec.next.statusTemplate ?? "")) as { conditions: { type: string }[] };
    expect(status.conditions.map(({ type }) => type)).toContain("Ready");
  });

  it("says of a pod that it runs with all its containers ready", () => {
    expect(parse(filledIn(named("pod-ready").spec.next.statusTemplate ?? ""))).toMatchObject({
      phase: "Running",
      podIP: "text",
      containerStatuses: [{ name: "text", ready: true, state: { running: { startedAt: "2026-11-24T00:00:00Z" } } }],
      initContainerStatuses: [{ state: { terminated: { exitCode: 0, reason: "Completed" } } }],
    });
  });
});
