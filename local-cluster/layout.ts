import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** The parts of the control plane, in the order in which they start. */
export const componentNames = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;

export type ComponentName = (typeof componentNames)[number];

/** Where the files of one local cluster are. Everything is below `directory` but, in deep checkouts, the sockets. */
export class Layout {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  get record(): string {
    return path.join(this.directory, "cluster.json");
  }
  get kubeconfig(): string {
    return path.join(this.directory, "kubeconfig");
  }
  get credentials(): string {
    return path.join(this.directory, "credentials");
  }
  get tokens(): string {
    return path.join(this.credentials, "tokens.csv");
  }
  get serviceAccountKey(): string {
    return path.join(this.credentials, "service-account.key");
  }
  get serviceAccountPublicKey(): string {
    return path.join(this.credentials, "service-account.pub");
  }
  get certificates(): string {
    return path.join(this.directory, "certificates");
  }
  /** What kube-apiserver signed for itself: its certificate, followed by the authority's. */
  get servingCertificate(): string {
    return path.join(this.certificates, "apiserver.crt");
  }
  get servingKey(): string {
    return path.join(this.certificates, "apiserver.key");
  }
  get certificateAuthority(): string {
    return path.join(this.certificates, "ca.crt");
  }
  get etcdData(): string {
    return path.join(this.directory, "etcd");
  }
  get kwokFolder(): string {
    return path.join(this.directory, "kwok");
  }
  get kwokConfiguration(): string {
    return path.join(this.kwokFolder, "stages.yaml");
  }
  get flexVolumeFolder(): string {
    return path.join(this.directory, "flex-volume");
  }
  get logs(): string {
    return path.join(this.directory, "logs");
  }
  kubeconfigOf(component: ComponentName): string {
    return path.join(this.credentials, `${component}.kubeconfig`);
  }
  logOf(component: ComponentName): string {
    return path.join(this.logs, `${component}.log`);
  }
  get folders(): readonly string[] {
    return [this.directory, this.credentials, this.certificates, this.kwokFolder, this.flexVolumeFolder, this.logs];
  }
}

/** The system refuses longer paths of Unix sockets: 104 bytes on macOS, 108 on Linux, with the closing zero. */
const longestSocketPathBytes = 103;
const longestSocketName = "client.sock";

/** A folder for sockets whose paths are short enough: in `directory`, or a new private one in the system's. */
export function chooseSocketFolder(directory: string): string {
  const inside = path.join(directory, "sockets");
  const length = Buffer.byteLength(path.join(inside, longestSocketName));
  // mkdtemp makes the folder with a random name and mode 0700.
  return length <= longestSocketPathBytes ? inside : mkdtempSync(path.join(tmpdir(), "freehold-"));
}
