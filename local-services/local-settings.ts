import type { GatewaySettings } from "../decisions/gateway/settings.ts";
import { localIssuer } from "./local-token.ts";

/** Where the simulated engines of this machine answer, by release. */
export type EngineUrls = Readonly<Record<string, readonly string[]>>;

/**
 * The gateway's settings with the engines of this machine in the place of those of the cluster, each replica a backend of
 * its own, and with tokens of this machine. Tenants, limits, data classes and shares stay as they were decided.
 */
export function localGatewaySettings(
  { keysFile: _, jwt: __, listen: ___, admin: ____, ...decided }: GatewaySettings,
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
      Object.entries(decided.backends).flatMap(([name, { resolve: _resolve, ...backend }]) =>
        (engines[name] ?? []).map((url, index) => [`${name}/${index + 1}`, { ...backend, url }]),
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
