import { hostAndPort } from "./host.ts";
import type { Config, RoutingConfig } from "./schema/index.ts";

type Frontier = NonNullable<RoutingConfig["frontiers"]>[string];
export type Escalation = NonNullable<RoutingConfig["escalation"]>[string];
export type Overflow = NonNullable<RoutingConfig["overflow"]>[string];

/** A way out of one model to another. */
export type Route = { readonly model: string } & (
  | { readonly way: "escalation"; readonly to: Escalation }
  | { readonly way: "overflow"; readonly to: Overflow }
);

/** Every way of a file, in its order. */
export function routesOf({ routing }: Pick<Config, "routing">): readonly Route[] {
  return [
    ...Object.entries(routing?.escalation ?? {}).map(([model, to]): Route => ({ way: "escalation", model, to })),
    ...Object.entries(routing?.overflow ?? {}).map(([model, to]): Route => ({ way: "overflow", model, to })),
  ];
}

/** Models that somebody else runs, by name. */
export function frontiersOf({ routing }: Pick<Config, "routing">): readonly (readonly [string, Frontier])[] {
  return Object.entries(routing?.frontiers ?? {});
}

/** Why data of a class stays inside; null when it may leave, redacted or as it is. A class that nobody defined is its own finding. */
export function stayingReason(
  { residency, gateway }: Pick<Config, "residency" | "gateway">,
  dataClass: string,
): string | null {
  const classes = residency?.dataClasses ?? {};
  const defined = Object.hasOwn(classes, dataClass) ? classes[dataClass] : undefined;
  if (defined === undefined) return null;
  switch (defined.leavesBoundary) {
    case "allowed":
      return defined.personalData ? "it holds personal data, which never leaves as it is" : null;
    case "redacted":
      return gateway?.redactor === undefined ? "it leaves only redacted, and the file has no `gateway.redactor`" : null;
    case "never":
      return "it never leaves";
  }
}

/** The host and the port of a frontier that names one. */
export function frontierHost(url: string): { readonly host: string; readonly port: number } {
  return hostAndPort(new URL(url).host);
}
