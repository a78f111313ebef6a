import type { GatewayConfig } from "./schema/index.ts";

type Ingress = Extract<NonNullable<GatewayConfig["exposure"]>, { readonly by: "ingress" }>;
export type IngressSoftware = NonNullable<Ingress["software"]>;

/** Names under which controllers register their class when nobody says otherwise. */
const usualClasses: ReadonlyMap<string, IngressSoftware> = new Map([
  ["contour", "contour"],
  ["haproxy", "haproxy"],
  ["nginx", "ingress-nginx"],
  ["traefik", "traefik"],
]);

/** Which controller serves an Ingress: as the file says, else by the name of the class; null where neither tells. */
export function ingressSoftwareOf({ software, class: className }: Pick<Ingress, "software" | "class">) {
  return software ?? usualClasses.get(className) ?? null;
}

/** Names of classes that tell their controller. */
export const tellingClasses: readonly string[] = [...usualClasses.keys()];
