import type { Toleration } from "../../decisions/blueprint.ts";

/** What the probe's pods run on: an image with Python that the cluster has or gets anyway, and where they may be put. */
export interface ProbeSetting {
  readonly namespace: string;
  readonly image: string;
  readonly tolerations: readonly Pick<Toleration, "key" | "operator" | "effect">[];
  /** Pods end by themselves after this, should nobody remove them. */
  readonly deadlineSeconds: number;
}

/** Label of the namespaces that probes make, by which leftovers of a killed run are found. */
export const probeLabel = "freehold/policy-probe";
export const serverPod = "server";
/** The port that rules are tried on. */
const guardedPort = 8080;
/** The port that every client may reach: where it does not, it has no network yet, and what stops it is not known. */
const openPort = 8081;
/** What a client ends with when it could not connect; 0 when it could. */
export const blockedExitCode = 7;
/** What a client ends with that could not even reach the open port. Anything else says nothing. */
export const offlineExitCode = 8;

/** Listens on every address of the pod, and takes each connection. */
export const listen = `import select, socket, sys
dual = socket.has_dualstack_ipv6()
family = socket.AF_INET6 if dual else socket.AF_INET
servers = [socket.create_server(("", int(port)), family=family, dualstack_ipv6=dual) for port in sys.argv[1:]]
while True:
    for server in select.select(servers, [], [])[0]:
        server.accept()[0].close()
`;

/**
 * Connects every two seconds, for half a minute at most: first to the open port, so that a pod whose network is not there yet
 * is not taken for a stopped one. A plugin takes seconds to put a rule in force, so a client that must not get through counts
 * as stopped only once it failed three times in a row, and one that must counts with its first success.
 */
export const connect = `import socket, sys, time
host, opened, guarded, must = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
def reaches(port):
    try:
        socket.create_connection((host, port), timeout=3).close()
        return True
    except OSError:
        return False
for attempt in range(12):
    if reaches(opened):
        break
    time.sleep(2)
else:
    sys.exit(${offlineExitCode})
failed = 0
for attempt in range(12):
    if reaches(guarded):
        failed = 0
        if must == "connect":
            sys.exit(0)
    else:
        failed += 1
        if must == "fail" and failed == 3:
            sys.exit(${blockedExitCode})
    time.sleep(2)
sys.exit(0 if must == "fail" else ${blockedExitCode})
`;

/** A client of the probe: what stands in its way, and whether it must get through. */
export interface ProbeClient {
  readonly pod: string;
  readonly must: "connect" | "fail";
  readonly labels: Readonly<Record<string, string>>;
}

/** Refused by the rule of the server, though nothing holds it itself. */
export const uninvited: ProbeClient = { pod: "uninvited", must: "fail", labels: {} };
/** Let in by the server, and held by a rule of its own. */
export const held: ProbeClient = { pod: "held", must: "fail", labels: { invited: "true", held: "true" } };
/** Nothing stands in its way: where it fails too, the network is dead and proves nothing. */
export const control: ProbeClient = { pod: "control", must: "connect", labels: { invited: "true" } };

/** The namespace, with nothing in it that could reach out of the probe. */
export function probeNamespace({ namespace }: ProbeSetting): object {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { [probeLabel]: "true", "pod-security.kubernetes.io/enforce": "restricted" } },
  };
}

/** The server with the rules that are tried: who may come in, and who may not go out. */
export function probeServer(setting: ProbeSetting): object {
  const { namespace } = setting;
  const policy = (name: string, spec: object) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    spec,
  });
  return {
    apiVersion: "v1",
    kind: "List",
    items: [
      policy("invited-only", {
        podSelector: { matchLabels: { probe: serverPod } },
        policyTypes: ["Ingress"],
        ingress: [
          { from: [{ podSelector: { matchLabels: { invited: "true" } } }], ports: [tcp(guardedPort)] },
          { from: [{ podSelector: {} }], ports: [tcp(openPort)] },
        ],
      }),
      policy("held-back", {
        podSelector: { matchLabels: { held: "true" } },
        policyTypes: ["Egress"],
        egress: [{ to: [{ podSelector: { matchLabels: { probe: serverPod } } }], ports: [tcp(openPort)] }],
      }),
      pod(setting, serverPod, {}, ["python3", "-c", listen, String(guardedPort), String(openPort)], "Always"),
    ],
  };
}

/** One client, which ends by itself. */
export function probeClient(setting: ProbeSetting, { pod: name, must, labels }: ProbeClient, address: string): object {
  const words = [address, String(openPort), String(guardedPort), must];
  return pod(setting, name, labels, ["python3", "-c", connect, ...words], "Never");
}

function tcp(port: number): object {
  return { port, protocol: "TCP" };
}

function pod(
  { namespace, image, tolerations, deadlineSeconds }: ProbeSetting,
  name: string,
  labels: Readonly<Record<string, string>>,
  command: readonly string[],
  restartPolicy: "Always" | "Never",
): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { probe: name, ...labels } },
    spec: {
      restartPolicy,
      activeDeadlineSeconds: deadlineSeconds,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      tolerations,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 2000,
        runAsGroup: 2000,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "probe",
          image,
          command,
          resources: {
            requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "64Mi" },
            limits: { memory: "128Mi", "ephemeral-storage": "64Mi" },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
        },
      ],
    },
  };
}
