// Proves: each guard below catches its mutants of a good stack and lets its near misses pass; what the good stack is stands
// in test/stacks/support/good-objects.ts.
import { expect, it } from "vitest";
import { takeObjectsApart } from "../../../stacks/guards/objects/object-guard.ts";
import { check, describeGuards, good, inEngine, inJob, inPod, withOneMore } from "../support/good-objects.ts";

it("find nothing in the good stack, in which there is a pod of each kind", () => {
  expect(check(good)).toEqual([]);
  expect(
    takeObjectsApart(good)
      .pods.map(({ component }) => component)
      .sort(),
  ).toEqual(["engine", "fetch-weights"]);
});

describeGuards({
  "GRD-201": {
    caught: {
      privileged: () =>
        inEngine((c) => {
          c.securityContext.privileged = true;
        }),
      hostNetwork: () =>
        inPod((s) => {
          s.hostNetwork = true;
        }),
      hostPID: () =>
        inPod((s) => {
          s.hostPID = true;
        }),
      hostPath: () => inPod((s) => s.volumes.push({ name: "node", hostPath: { path: "/" } })),
      hostPort: () =>
        inEngine((c) => {
          c.ports[0].hostPort = 8000;
        }),
      "a second container": () => inPod(withOneMore({ ports: [{ containerPort: 1, hostPort: 1 }] })),
    },
    passed: {
      "privileged: false": () =>
        inEngine((c) => {
          c.securityContext.privileged = false;
        }),
      "hostNetwork: false": () =>
        inPod((s) => {
          s.hostNetwork = false;
        }),
      "hostUsers: false": () =>
        inPod((s) => {
          s.hostUsers = false;
        }),
      "a port of its own": () => inEngine((c) => c.ports.push({ containerPort: 9000 })),
    },
  },
  "GRD-202": {
    caught: {
      absent: () =>
        inEngine((c) => {
          delete c.securityContext.allowPrivilegeEscalation;
        }),
      true: () =>
        inEngine((c) => {
          c.securityContext.allowPrivilegeEscalation = true;
        }),
      "in the Job": () =>
        inJob((c) => {
          delete c.securityContext.allowPrivilegeEscalation;
        }),
      "in an init container": () =>
        inPod((s) => {
          s.initContainers = [
            {
              ...s.containers[0],
              securityContext: { ...s.containers[0].securityContext, allowPrivilegeEscalation: true },
            },
          ];
        }),
    },
    passed: {
      "a sound second container": () => inPod(withOneMore({})),
      "a sound init container": () =>
        inPod((s) => {
          s.initContainers = [{ ...s.containers[0], name: "first" }];
        }),
    },
  },
  "GRD-203": {
    caught: {
      "nothing dropped": () =>
        inEngine((c) => {
          delete c.securityContext.capabilities;
        }),
      "one dropped": () =>
        inEngine((c) => {
          c.securityContext.capabilities = { drop: ["NET_RAW"] };
        }),
      "one added": () =>
        inEngine((c) => {
          c.securityContext.capabilities.add = ["SYS_NICE"];
        }),
      "all added": () =>
        inEngine((c) => {
          c.securityContext.capabilities.add = ["ALL"];
        }),
    },
    passed: {
      "the one for low ports": () =>
        inEngine((c) => {
          c.securityContext.capabilities.add = ["NET_BIND_SERVICE"];
        }),
      "more dropped than all": () => inEngine((c) => c.securityContext.capabilities.drop.push("NET_RAW")),
    },
  },
  "GRD-204": {
    caught: {
      "left out": () =>
        inPod((s) => {
          delete s.securityContext.runAsNonRoot;
        }),
      "overridden by the container": () =>
        inEngine((c) => {
          c.securityContext.runAsNonRoot = false;
        }),
      "user 0": () =>
        inEngine((c) => {
          c.securityContext.runAsUser = 0;
        }),
      "group 0": () =>
        inPod((s) => {
          s.securityContext.runAsGroup = 0;
        }),
    },
    passed: {
      "said by the container": () =>
        inPod((s) => {
          delete s.securityContext.runAsNonRoot;
          s.containers[0].securityContext.runAsNonRoot = true;
        }),
      "user 1": () =>
        inEngine((c) => {
          c.securityContext.runAsUser = 1;
        }),
    },
  },
  "GRD-205": {
    caught: {
      "left out": () =>
        inPod((s) => {
          delete s.securityContext.seccompProfile;
        }),
      Unconfined: () =>
        inPod((s) => {
          s.securityContext.seccompProfile.type = "Unconfined";
        }),
      "overridden by the container": () =>
        inEngine((c) => {
          c.securityContext.seccompProfile = { type: "Unconfined" };
        }),
    },
    passed: {
      "a profile of the node": () =>
        inPod((s) => {
          s.securityContext.seccompProfile = { type: "Localhost", localhostProfile: "engine.json" };
        }),
      "said by the container": () =>
        inPod((s) => {
          delete s.securityContext.seccompProfile;
          s.containers[0].securityContext.seccompProfile = { type: "RuntimeDefault" };
        }),
    },
  },
  "GRD-206": {
    caught: {
      "left out": () =>
        inJob((c) => {
          delete c.securityContext.readOnlyRootFilesystem;
        }),
      false: () =>
        inJob((c) => {
          c.securityContext.readOnlyRootFilesystem = false;
        }),
      "a pod that is no engine": () =>
        inPod((_, t) => {
          delete t.metadata.labels["app.kubernetes.io/component"];
        }),
    },
    passed: {
      "an engine, which needs it": () =>
        inEngine((c) => {
          c.securityContext.readOnlyRootFilesystem = false;
        }),
      "an engine that does without": () =>
        inEngine((c) => {
          c.securityContext.readOnlyRootFilesystem = true;
        }),
    },
  },
});
