// Proves: every tool comes from one pinned module, and a binary is given the version that it reports.
import { describe, expect, it } from "vitest";
import {
  isToolName,
  linkerFlags,
  moduleOf,
  neededToolNames,
  pinnedVersion,
  requiredVersion,
  toolModules,
  toolNames,
} from "../../local-cluster/tool-modules.ts";

it("knows nine tools, in the order in which they are compiled", () => {
  expect(toolNames).toEqual([
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubectl",
    "kwok",
    "helm",
    "crane",
    "cyclonus",
  ]);
  expect(neededToolNames).toEqual(toolNames.slice(0, -1));
  expect([isToolName("etcd"), isToolName("etcdctl"), isToolName("toString")]).toEqual([true, false, false]);
});

it.each(toolNames)("compiles %s from exactly one module, which pins its version", (tool) => {
  expect(toolModules.filter(({ packages }) => tool in packages)).toEqual([moduleOf(tool)]);
  expect(pinnedVersion(tool)).toMatch(/^v\d+\.\d+\.\d+$/);
});

describe("the version that a go.mod requires", () => {
  const goMod = `module example.com/tools

require sigs.k8s.io/kwok v0.7.0

require (
\tk8s.io/kubernetes v1.35.4
\tk8s.io/kubernetes-extras v9.9.9 // indirect
)

replace k8s.io/api => k8s.io/api v0.35.4
`;

  it("is found in a block and on a line of its own", () => {
    expect(requiredVersion(goMod, "k8s.io/kubernetes")).toBe("v1.35.4");
    expect(requiredVersion(goMod, "sigs.k8s.io/kwok")).toBe("v0.7.0");
  });

  it("is not made up when there is none", () => {
    expect(() => requiredVersion(goMod, "k8s.io/api")).toThrow("the go.mod file requires no version of k8s.io/api");
  });
});

describe("the flags for the linker", () => {
  it("tell Kubernetes its version, which it would otherwise report as v0.0.0", () => {
    const flags = linkerFlags(moduleOf("kube-apiserver"), "v1.35.4", "v1.35.4").split(" -X ");
    expect(flags[0]).toBe("-s -w");
    expect(flags).toContain("k8s.io/component-base/version.gitVersion=v1.35.4");
    expect(flags).toContain("k8s.io/client-go/pkg/version.gitMinor=35");
  });

  it("tell helm the Kubernetes version that it renders charts for without a cluster", () => {
    const flags = linkerFlags(moduleOf("helm"), "v3.19.0", "v1.35.4").split(" -X ");
    expect(flags).toContain("helm.sh/helm/v3/internal/version.version=v3.19.0");
    expect(flags).toContain("helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1");
    expect(flags).toContain("helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=35");
  });
});
