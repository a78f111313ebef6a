import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { egressProxyValues } from "../../stacks/values/egress-proxy.ts";
import type { EgressProxyValues } from "../../stacks/values/egress-proxy-schema.ts";
import { decideFor } from "./blueprint.ts";
import { existingCluster, lockFor } from "./config.ts";
import { helm, type Manifest, manifests } from "./helm.ts";
import { residentStack, soundResidency } from "./residency.ts";

export const egressProxyChart = fileURLToPath(new URL("../../charts/egress-proxy", import.meta.url));

/** Values of the chart for a region-bound stack, as they are decided. */
export function egressProxyExample(): EgressProxyValues {
  const config = residentStack(soundResidency("region-bound"), { cluster: existingCluster, state: { backend: "pg" } });
  const { blueprint, findings } = decideFor(config, lockFor(config));
  const egress = blueprint?.residency.egress.value;
  if (blueprint?.egressProxy == null || egress == null) throw new Error(JSON.stringify(findings));
  return egressProxyValues(blueprint, egress, blueprint.egressProxy);
}

/** The same on loopback, with the port of the probes and each workload's port and hosts by its name. */
export function onLoopback(
  readyPort: number,
  workloads: Readonly<Record<string, { readonly port: number; readonly hosts: readonly number[] }>>,
): EgressProxyValues {
  const example = egressProxyExample();
  const [workload] = example.workloads;
  if (workload === undefined) throw new Error("A workload is expected.");
  return {
    ...example,
    listenAddress: "127.0.0.1",
    readyPort,
    workloads: Object.entries(workloads).map(([name, { port, hosts }]) => ({
      ...workload,
      name,
      port,
      hosts: hosts.map((each) => ({ host: "localhost", port: each })),
    })),
  };
}

export function templateEgressProxy(values: unknown): ReturnType<typeof helm> {
  const words = ["template", "egress-proxy", egressProxyChart, "--namespace", "desk-test-egress"];
  return helm([...words, "--kube-version", "1.34"], values);
}

/** The chart's objects, by `Kind/name`. */
export async function renderEgressProxy(values: EgressProxyValues): Promise<Readonly<Record<string, Manifest>>> {
  const { code, stdout, stderr } = await templateEgressProxy(values);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return manifests(stdout);
}

/** Envoy's configuration among the chart's objects. */
export function envoyConfigurationOf(objects: Readonly<Record<string, Manifest>>): string {
  return objects["ConfigMap/egress-proxy"].data["envoy.yaml"];
}
