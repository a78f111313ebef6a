import type { GatewaySettings } from "../decisions/gateway/settings-form.ts";
import { localIssuer } from "./local-token.ts";

/** Where the simulated engines of this machine answer, by the gateway's name of what they stand for. */
export type EngineUrls = Readonly<Record<string, readonly string[]>>;

/**
 * The gateway's settings with the engines of this machine in the place of those of the cluster, each replica a backend of
 * its own, and with tokens of this machine. What stands outside is simulated as well, so that nothing leaves; a database or a
 * collector of the cluster is not there. Tenants, limits, data classes, shares and ways stay as they were decided.
 */
export function localGatewaySettings(
  { keysFile, jwt, listen, admin, secure, budgets, telemetry, ...decided }: GatewaySettings,
  engines: EngineUrls,
  { port, keySetFile }: { readonly port: number; readonly keySetFile: string },
): unknown {
  const replicasOf = (backend: string) => (engines[backend] ?? []).map((_url, index) => `${backend}/${index + 1}`);
  const expanded = (backends: readonly string[]) => backends.flatMap(replicasOf);
  return {
    ...decided,
    listen: { host: "127.0.0.1", port },
    admin: { host: "127.0.0.1", port: 0 },
    replicas: 1,
    jwt: { ...localIssuer, jwksFile: keySetFile, tenantClaim: "tenant", dataClassClaim: "data_class" },
    placements: decided.placements.map((placement) => ({ ...placement, backends: expanded(placement.backends) })),
    backends: Object.fromEntries(
      Object.entries(decided.backends).flatMap(([name, backend]) =>
        (engines[name] ?? []).map((url, index) => [`${name}/${index + 1}`, { ...onThisMachine(backend), url }]),
      ),
    ),
    models: Object.fromEntries(
      Object.entries(decided.models).map(([name, model]) => [
        name,
        {
          ...model,
          versions: Object.fromEntries(
            Object.entries(model.versions).map(([version, { weight, backends }]) => [
              version,
              { weight, backends: expanded(backends) },
            ]),
          ),
        },
      ]),
    ),
  };
}

/** A backend without what only the cluster has: name server, proxy, addresses of pods, Secrets. */
function onThisMachine(backend: GatewaySettings["backends"][string]): object {
  const ofTheCluster = new Set(["resolve", "proxy", "networks", "apiKeyFile"]);
  return Object.fromEntries(Object.entries(backend).filter(([key]) => !ofTheCluster.has(key)));
}
