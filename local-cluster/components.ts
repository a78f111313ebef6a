import { createHash } from "node:crypto";
import path from "node:path";
import type { ComponentName, Layout } from "./layout.ts";
import { managedByKwok } from "./simulated-node.ts";

export interface ComponentCommand {
  readonly name: ComponentName;
  readonly file: string;
  readonly arguments: readonly string[];
  /** One of the arguments, which no process of another cluster has: by it a process is found without a record. */
  readonly identityArgument: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly hash: string;
}

export interface CommandSettings {
  readonly layout: Layout;
  readonly programs: Readonly<Record<ComponentName, string>>;
  readonly socketFolder: string;
  readonly port: number;
  /** Undefined before kube-apiserver has made it; the programs that need it start later. */
  readonly certificateAuthority: string | undefined;
  readonly nodeMonitorGracePeriodSeconds: number | undefined;
}

/** The socket that etcd answers on. */
export function etcdSocket(socketFolder: string): string {
  return path.join(socketFolder, "client.sock");
}

/** The argument of each part that carries the cluster's folder, and so tells this cluster's processes from others. */
export function identityArgument(name: ComponentName, layout: Layout): string {
  switch (name) {
    case "etcd":
      return `--data-dir=${layout.etcdData}`;
    case "kube-apiserver":
      return `--cert-dir=${layout.certificates}`;
    default:
      return `--kubeconfig=${layout.kubeconfigOf(name)}`;
  }
}

/** How a part of the control plane is started. */
export function componentCommand(name: ComponentName, settings: CommandSettings): ComponentCommand {
  const { layout, programs, port, certificateAuthority } = settings;
  const file = programs[name];
  const identity = identityArgument(name, layout);
  const all = [identity, ...argumentsOf(name, settings)];
  const environment = environmentOf(name, layout);
  // The clients read address and authority from a file once, so a change of either must start them again.
  const readFromFiles = name === "etcd" || name === "kube-apiserver" ? [] : [port, certificateAuthority];
  const hash = createHash("sha256")
    .update(JSON.stringify([file, all, environment, readFromFiles]))
    .digest("hex")
    .slice(0, 16);
  return { name, file, arguments: all, identityArgument: identity, environment, hash };
}

function argumentsOf(name: ComponentName, settings: CommandSettings): string[] {
  const { layout, port, socketFolder, nodeMonitorGracePeriodSeconds } = settings;
  switch (name) {
    case "etcd": {
      // Nobody connects to the addresses it announces: they must look like host and port, and sockets do not.
      const announced = "http://127.0.0.1:1";
      return [
        "--name=local",
        `--listen-client-urls=unix://${etcdSocket(socketFolder)}`,
        `--advertise-client-urls=${announced}`,
        `--listen-peer-urls=unix://${path.join(socketFolder, "peer.sock")}`,
        `--initial-advertise-peer-urls=${announced}`,
        `--initial-cluster=local=${announced}`,
        // The data lives no longer than the machine's next crash needs it to: speed counts for more.
        "--unsafe-no-fsync",
      ];
    }
    case "kube-apiserver":
      return [
        `--etcd-servers=unix://${etcdSocket(socketFolder)}`,
        "--bind-address=127.0.0.1",
        `--secure-port=${port}`,
        // Given so that a machine without a network works too: otherwise it looks for a default route.
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--anonymous-auth=false",
        `--token-auth-file=${layout.tokens}`,
        "--authorization-mode=Node,RBAC",
        // PodSecurity, ResourceQuota and Priority are on by default.
        "--enable-admission-plugins=NodeRestriction",
        // What may be privileged is Pod Security's decision; without this the server would refuse before it.
        "--allow-privileged=true",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        `--service-account-key-file=${layout.serviceAccountPublicKey}`,
        `--service-account-signing-key-file=${layout.serviceAccountKey}`,
        "--service-cluster-ip-range=10.96.0.0/16",
        "--profiling=false",
      ];
    case "kube-controller-manager":
      return [
        `--service-account-private-key-file=${layout.serviceAccountKey}`,
        `--root-ca-file=${layout.certificateAuthority}`,
        "--use-service-account-credentials=true",
        // Unset, it makes a folder of the system's.
        `--flex-volume-plugin-dir=${layout.flexVolumeFolder}`,
        "--leader-elect=false",
        // Nothing asks it for metrics, so it listens nowhere.
        "--secure-port=0",
        ...(nodeMonitorGracePeriodSeconds === undefined
          ? []
          : [`--node-monitor-grace-period=${nodeMonitorGracePeriodSeconds}s`]),
      ];
    case "kube-scheduler":
      return ["--leader-elect=false", "--secure-port=0"];
    case "kwok":
      return [
        `--config=${layout.kwokConfiguration}`,
        `--manage-nodes-with-label-selector=${managedByKwok.key}=${managedByKwok.value}`,
        "--node-lease-duration-seconds=40",
        "--cidr=10.244.0.0/16",
      ];
  }
}

function environmentOf(name: ComponentName, layout: Layout): Record<string, string> {
  // kwok would read the configuration in the user's home too.
  return name === "kwok" ? { KWOK_WORKDIR: layout.kwokFolder } : {};
}
