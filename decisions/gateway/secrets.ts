import { frontiersOf } from "../../config/routes.ts";
import type { Config, GatewayConfig } from "../../config/schema/index.ts";
import type { FrontierFact } from "../residency/facts.ts";
import type { GatewaySecret } from "./settings-form.ts";

/** Every Secret that the gateway reads. A key of a model outside that no request may reach is not mounted. */
export function gatewaySecrets(
  config: Config,
  { keys, jwt, budgets, telemetry }: GatewayConfig,
  frontiers: readonly FrontierFact[],
): readonly GatewaySecret[] {
  const named = { keys, "key-set": jwt?.keySet, budgets: budgets?.url, telemetry: telemetry?.headers } as const;
  const purposes = ["keys", "key-set", "budgets", "telemetry"] as const;
  return [
    ...purposes.flatMap((purpose) => {
      const reference = named[purpose];
      return reference === undefined ? [] : [{ purpose, ...reference }];
    }),
    ...frontiersOf(config).flatMap(([name, { apiKey }]) =>
      apiKey === undefined || !frontiers.some((fact) => fact.name === name)
        ? []
        : [{ purpose: `frontier-${name}` as const, ...apiKey }],
    ),
  ];
}

/** What a Secret holds, as the end of a sentence. */
export function heldIn(purpose: GatewaySecret["purpose"]): string {
  switch (purpose) {
    case "keys":
      return "the hashes of the tenants' keys";
    case "key-set":
      return "the key set that tokens are checked with";
    case "budgets":
      return "the address of the budgets' database, with user and password";
    case "telemetry":
      return "the headers that the collector asks for";
    case "certificate":
      return "the certificate of its host, or the key of that";
    default:
      return `the key of ${purpose.replace("frontier-", "")}, which these pods alone hold`;
  }
}
