import type { GatewayConfig } from "../../config/schema/index.ts";

/** A key of an existing Secret in the gateway's namespace. */
export interface GatewaySecret {
  /** Names the folder below `/etc/freehold` and the volume; a certificate is mounted only where the gateway ends TLS itself. */
  readonly purpose: "keys" | "key-set" | "budgets" | "telemetry" | "certificate";
  readonly secret: string;
  readonly key: string;
}

/** Every Secret that the gateway reads. */
export function gatewaySecrets({ keys, jwt, budgets, telemetry }: GatewayConfig): readonly GatewaySecret[] {
  const named = { keys, "key-set": jwt?.keySet, budgets: budgets?.url, telemetry: telemetry?.headers } as const;
  const purposes = ["keys", "key-set", "budgets", "telemetry"] as const;
  return purposes.flatMap((purpose) => {
    const reference = named[purpose];
    return reference === undefined ? [] : [{ purpose, ...reference }];
  });
}

/** Where the chart mounts a key. */
export function mountedAt(purpose: GatewaySecret["purpose"], key: string): string {
  return `/etc/freehold/${purpose}/${key}`;
}
