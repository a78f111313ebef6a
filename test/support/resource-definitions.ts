import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { vi } from "vitest";
import { parse } from "yaml";
import type { TestCluster } from "./cluster.ts";
import type { Manifest } from "./helm.ts";

interface DefinitionModule {
  readonly module: string;
  readonly version: string;
  /** Hash of the module as go.sum writes it. */
  readonly sum: string;
  /** Files in it with one CustomResourceDefinition each. */
  readonly files: readonly string[];
}

/** Resource definitions of others that charts here have objects of, from the modules that release them. */
const definitionModules = {
  gatewayApi: {
    module: "sigs.k8s.io/gateway-api",
    version: "v1.6.2",
    sum: "h1:vh5YzKlbdBivEaLX61+APKLGRq4tZ7Fj4XfGkv08xB4=",
    files: [
      "gatewayclasses",
      "gateways",
      "grpcroutes",
      "httproutes",
      "listenersets",
      "referencegrants",
      "tcproutes",
    ].map((plural) => `config/crd/standard/gateway.networking.k8s.io_${plural}.yaml`),
  },
  certManager: {
    module: "github.com/cert-manager/cert-manager",
    version: "v1.21.1",
    sum: "h1:0LttV37Q5c2CBNoHkjuI8sLKTXWZDC2SwQkxrBMKV9w=",
    files: ["certificates", "clusterissuers", "issuers"].map((plural) => `deploy/crds/cert-manager.io_${plural}.yaml`),
  },
} as const satisfies Readonly<Record<string, DefinitionModule>>;

/** All of them. */
export async function othersDefinitions(): Promise<Manifest[]> {
  const definitions = await Promise.all(Object.values(definitionModules).map(resourceDefinitions));
  return definitions.flat();
}

/** Makes definitions known to a cluster, and waits until it serves them. */
export async function establish(cluster: TestCluster, definitions: readonly Manifest[]): Promise<void> {
  // Not applied: what was applied last would have to fit into an annotation.
  const list = { apiVersion: "v1", kind: "List", items: definitions };
  await cluster.kubectl(["create", "--filename", "-"], list);
  await vi.waitFor(
    // Ends at once with an error while a definition has no conditions yet.
    () => cluster.kubectl(["wait", "--for=condition=established", "customresourcedefinitions", "--all"]),
    { timeout: 60_000, interval: 500 },
  );
}

/** The definitions of a module, held against its pinned hash: the Go proxy is what is reachable wherever Go tools are. */
async function resourceDefinitions({ module, version, sum, files }: DefinitionModule): Promise<Manifest[]> {
  const directory = mkdtempSync(join(tmpdir(), "freehold-definitions-"));
  try {
    const { stdout } = await vi.waitFor(
      () =>
        promisify(execFile)("go", ["mod", "download", "-json", `${module}@${version}`], {
          cwd: directory,
          timeout: 120_000,
          // The hash is pinned here; a database of hashes has nothing to add.
          env: { ...process.env, GO111MODULE: "on", GOFLAGS: "-mod=mod", GOSUMDB: "off", GOTOOLCHAIN: "local" },
        }),
      // A download that broke off is tried again; Go itself does not.
      { timeout: 240_000, interval: 2000 },
    );
    const { Dir: folder, Sum: found } = JSON.parse(stdout) as { Dir: string; Sum: string };
    if (found !== sum) throw new Error(`${module}@${version} has the hash ${found}; ${sum} is pinned.`);
    return files.map((file) => parse(readFileSync(join(folder, file), "utf8")) as Manifest);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
