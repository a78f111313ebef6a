// Proves: each guard below catches its mutants of a good stack and lets its near misses pass; what the good stack is stands
// in test/stacks/support/good-objects.ts.
import {
  added,
  afterChanging,
  check,
  describeGuards,
  good,
  inEngine,
  inJob,
  inPod,
  pod,
  rule,
  rules,
  withOneMore,
} from "../support/good-objects.ts";

describeGuards({
  "GRD-207": {
    caught: {
      "left out": () =>
        inPod((s) => {
          delete s.automountServiceAccountToken;
        }),
      true: () =>
        inPod((s) => {
          s.automountServiceAccountToken = true;
        }),
      "the default account": () =>
        inPod((s) => {
          s.serviceAccountName = "default";
        }),
      "no account": () =>
        inPod((s) => {
          delete s.serviceAccountName;
        }),
      "projected by hand": () =>
        inPod((s) =>
          s.volumes.push({ name: "token", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }),
        ),
    },
    passed: {
      "another account": () =>
        inPod((s) => {
          s.serviceAccountName = "other";
        }),
      "a projected ConfigMap": () =>
        inPod((s) => s.volumes.push({ name: "settings", projected: { sources: [{ configMap: { name: "a" } }] } })),
    },
  },
  "GRD-208": {
    caught: {
      "every verb": () => added(rules("Role", rule(["*"], ["pods"]))),
      "every resource": () => added(rules("Role", rule(["get"], ["*"]))),
      "secrets of the cluster": () => added(rules("ClusterRole", rule(["list"], ["secrets"]))),
      exec: () => added(rules("Role", rule(["create"], ["pods/exec"]))),
      impersonation: () => added(rules("ClusterRole", rule(["impersonate"], ["users"]))),
      "cluster-admin": () =>
        added({
          kind: "ClusterRoleBinding",
          metadata: { name: "x" },
          roleRef: { kind: "ClusterRole", name: "cluster-admin" },
        }),
    },
    passed: {
      "one secret by name": () => added(rules("Role", { ...rule(["get"], ["secrets"]), resourceNames: ["hub-token"] })),
      "pods of a namespace": () => added(rules("Role", rule(["get", "list", "watch"], ["pods"]))),
      "a role of its own": () =>
        added({ kind: "RoleBinding", metadata: { name: "x" }, roleRef: { kind: "Role", name: "reader" } }),
    },
  },
  "GRD-209": {
    caught: {
      "no CPU": () =>
        inEngine((c) => {
          delete c.resources.requests.cpu;
        }),
      "no limit of memory": () =>
        inEngine((c) => {
          delete c.resources.limits.memory;
        }),
      "no local storage": () =>
        inJob((c) => {
          delete c.resources.requests["ephemeral-storage"];
        }),
      "no GPU": () =>
        inEngine((c) => {
          delete c.resources.limits["nvidia.com/gpu"];
          delete c.resources.requests["nvidia.com/gpu"];
        }),
      "other GPUs than the limit": () =>
        inEngine((c) => {
          c.resources.requests["nvidia.com/gpu"] = 1;
          c.resources.limits["nvidia.com/gpu"] = 2;
        }),
    },
    passed: {
      "a CPU limit": () =>
        inEngine((c) => {
          c.resources.limits.cpu = "8";
        }),
      "GPUs in the limit alone": () =>
        inEngine((c) => {
          delete c.resources.requests["nvidia.com/gpu"];
        }),
      "no GPU for the Job": () =>
        inJob((c) => {
          c.resources.requests.cpu = "2";
        }),
    },
  },
  "GRD-210": {
    caught: {
      "memory without a limit": () =>
        inPod((s) => {
          for (const v of s.volumes) if (v.emptyDir?.medium === "Memory") delete v.emptyDir.sizeLimit;
        }),
      "scratch without a limit": () => inPod((s) => s.volumes.push({ name: "more", emptyDir: {} })),
      "in the Job": () =>
        afterChanging(
          "Job",
          /^chat-v1/,
          pod((s) => {
            for (const v of s.volumes) if (v.emptyDir) delete v.emptyDir.sizeLimit;
          }),
        ),
    },
    passed: {
      "another limit": () => inPod((s) => s.volumes.push({ name: "more", emptyDir: { sizeLimit: "1Mi" } })),
      "a volume of another kind": () => inPod((s) => s.volumes.push({ name: "more", configMap: { name: "a" } })),
    },
  },
  "GRD-211": {
    caught: {
      "both left out": () =>
        inPod((s) => {
          for (const v of s.volumes) delete v.persistentVolumeClaim?.readOnly;
          for (const m of s.containers[0].volumeMounts) if (m.name === "weights") delete m.readOnly;
        }),
      "a claim of one's own": () =>
        inPod((s) => {
          s.volumes.push({ name: "cache", persistentVolumeClaim: { claimName: "cache" } });
          s.containers[0].volumeMounts.push({ name: "cache", mountPath: "/cache" });
        }),
      "a second container": () =>
        inPod((s) => {
          s.volumes.push({ name: "again", persistentVolumeClaim: { claimName: "chat-v1-weights" } });
          withOneMore({ volumeMounts: [{ name: "again", mountPath: "/w" }] })(s);
        }),
    },
    passed: {
      "read-only by the volume": () =>
        inPod((s) => {
          for (const m of s.containers[0].volumeMounts) delete m.readOnly;
        }),
      "read-only by the mount": () =>
        inPod((s) => {
          for (const v of s.volumes) delete v.persistentVolumeClaim?.readOnly;
        }),
    },
  },
  "GRD-212": {
    caught: {
      "another role": () =>
        afterChanging(
          "Job",
          /^chat-v1/,
          pod((_, t) => {
            t.metadata.labels["freehold/role"] = "fetch";
            t.metadata.labels["app.kubernetes.io/component"] = "fetch-weights";
          }),
        ).filter((code) => code === "GRD-212"),
      "another instance": () =>
        inPod((_, t) => {
          t.metadata.labels["app.kubernetes.io/instance"] = "chat-v2";
        }),
      "another name": () =>
        inPod((_, t) => {
          t.metadata.labels["app.kubernetes.io/name"] = "server";
        }),
    },
    passed: {
      "one label more": () =>
        inPod((_, t) => {
          t.metadata.labels.more = "yes";
        }),
      "no policy to ask": () => check(good.filter(({ kind }) => kind !== "NetworkPolicy")).map(({ code }) => code),
    },
  },
});
