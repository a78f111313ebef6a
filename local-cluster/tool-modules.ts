import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export type ToolName =
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kubectl"
  | "etcd"
  | "kwok"
  | "helm"
  | "crane"
  | "cyclonus";

/** One Go module of ours under `tools/`, and the binaries that are compiled from it. */
export interface ToolModule {
  /** The folder under `tools/`. */
  readonly name: string;
  readonly label: string;
  /** The upstream module whose version is the version of the binaries. */
  readonly upstream: string;
  /** Go packages with a `main`, by the binary they become. */
  readonly packages: Readonly<Partial<Record<ToolName, string>>>;
  /** Go variables that are set when linking: what release builds set too, without which a binary reports v0.0.0. */
  linkedValues(version: string, kubernetesVersion: string): Readonly<Record<string, string>>;
}

const kubernetes = "k8s.io/kubernetes";

/** Every module, in the order in which they are compiled. */
export const toolModules: readonly ToolModule[] = [
  {
    name: "etcd",
    label: "etcd",
    upstream: "go.etcd.io/etcd/server/v3",
    packages: { etcd: "go.etcd.io/etcd/server/v3" },
    linkedValues: () => ({}),
  },
  {
    name: "control-plane",
    label: "the Kubernetes control plane",
    upstream: kubernetes,
    packages: {
      "kube-apiserver": `${kubernetes}/cmd/kube-apiserver`,
      "kube-controller-manager": `${kubernetes}/cmd/kube-controller-manager`,
      "kube-scheduler": `${kubernetes}/cmd/kube-scheduler`,
      kubectl: `${kubernetes}/cmd/kubectl`,
    },
    linkedValues: (version) =>
      Object.fromEntries(
        ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((variables) => [
          [`${variables}.gitVersion`, version],
          [`${variables}.gitMajor`, majorAndMinor(version)[0]],
          [`${variables}.gitMinor`, majorAndMinor(version)[1]],
          // The sources come from a module, not from a repository: there is no commit to name.
          [`${variables}.gitCommit`, ""],
          [`${variables}.gitTreeState`, "clean"],
        ]),
      ),
  },
  {
    name: "kwok",
    label: "the node simulator kwok",
    upstream: "sigs.k8s.io/kwok",
    packages: { kwok: "sigs.k8s.io/kwok/cmd/kwok" },
    linkedValues: () => ({}),
  },
  {
    name: "helm",
    label: "helm",
    upstream: "helm.sh/helm/v3",
    packages: { helm: "helm.sh/helm/v3/cmd/helm" },
    // The Kubernetes version is what `helm template` takes for granted when it talks to no cluster; unset it is 1.20.
    linkedValues: (version, kubernetesVersion) => ({
      "helm.sh/helm/v3/internal/version.version": version,
      "helm.sh/helm/v3/internal/version.gitTreeState": "clean",
      ...Object.fromEntries(
        ["helm.sh/helm/v3/pkg/chartutil", "helm.sh/helm/v3/pkg/lint/rules"].flatMap((variables) => [
          [`${variables}.k8sVersionMajor`, majorAndMinor(kubernetesVersion)[0]],
          [`${variables}.k8sVersionMinor`, majorAndMinor(kubernetesVersion)[1]],
        ]),
      ),
    }),
  },
  {
    name: "crane",
    label: "crane",
    upstream: "github.com/google/go-containerregistry",
    packages: { crane: "github.com/google/go-containerregistry/cmd/crane" },
    linkedValues: (version) => ({
      "github.com/google/go-containerregistry/cmd/crane/cmd.Version": version,
      "github.com/google/go-containerregistry/pkg/v1/remote/transport.Version": version,
    }),
  },
  {
    name: "cyclonus",
    label: "cyclonus, which judges network policies",
    upstream: "github.com/mattfenwick/cyclonus",
    packages: { cyclonus: "github.com/mattfenwick/cyclonus/cmd/cyclonus" },
    linkedValues: (version) => ({ "github.com/mattfenwick/cyclonus/pkg/cli.version": version }),
  },
];

/** Every tool, in the order in which they are compiled. */
export const toolNames: readonly ToolName[] = toolModules.flatMap(
  ({ packages }) => Object.keys(packages) as ToolName[],
);

/** What Freehold and its tests cannot do without: everything but what judges the output. */
export const neededToolNames: readonly Exclude<ToolName, "cyclonus">[] = toolNames.filter(
  (name) => name !== "cyclonus",
);

/** True when the word is the name of a tool. */
export function isToolName(word: string): word is ToolName {
  return toolNames.some((name) => name === word);
}

/** The module that a tool is compiled from. */
export function moduleOf(tool: ToolName): ToolModule {
  const found = toolModules.find(({ packages }) => tool in packages);
  if (found === undefined) throw new TypeError(`no module has the tool ${tool}`);
  return found;
}

/** The folder that holds a module's `go.mod` and `go.sum`. */
export function moduleFolder(module: ToolModule): string {
  return path.join(toolsFolder(), module.name);
}

/** `local-cluster/tools` of the checkout, looked for upwards, because this code also runs bundled into one file. */
function toolsFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const tools = path.join(folder, "local-cluster", "tools");
    if (existsSync(tools)) return tools;
    const parent = path.dirname(folder);
    if (parent === folder) throw new TypeError("the folder local-cluster/tools is not in the checkout");
    folder = parent;
  }
}

/** The version pinned for a tool, such as `v1.35.4`: read from the `go.mod`, which is the one place that names it. */
export function pinnedVersion(tool: ToolName): string {
  const module = moduleOf(tool);
  return requiredVersion(readFileSync(path.join(moduleFolder(module), "go.mod"), "utf8"), module.upstream);
}

/** The version that the text of a `go.mod` requires of `upstream`. */
export function requiredVersion(goMod: string, upstream: string): string {
  for (const line of goMod.split("\n")) {
    const [name, version] = line
      .trim()
      .replace(/^require\s+/, "")
      .split(/\s+/);
    if (name === upstream && version !== undefined && /^v\d/.test(version)) return version;
  }
  throw new TypeError(`the go.mod file requires no version of ${upstream}`);
}

/** The linker's flags for a module: no symbol tables, which halves the size, and the values that carry the version. */
export function linkerFlags(module: ToolModule, version: string, kubernetesVersion: string): string {
  const values = Object.entries(module.linkedValues(version, kubernetesVersion));
  return ["-s", "-w", ...values.map(([variable, value]) => `-X ${variable}=${value}`)].join(" ");
}

function majorAndMinor(version: string): readonly [string, string] {
  const match = /^v?(\d+)\.(\d+)/.exec(version);
  return [match?.[1] ?? "", match?.[2] ?? ""];
}
