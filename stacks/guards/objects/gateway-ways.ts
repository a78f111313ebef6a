import { frontierHost } from "../../../config/routes.ts";
import type { FrontierFact } from "../../../decisions/residency/facts.ts";
import { fields, list } from "../guard.ts";
import { forObjects, type ObjectGuard } from "./object-guard.ts";

type Json = Readonly<Record<string, unknown>>;

/** GRD-245: the gateway sends out what was decided and no more: to these hosts, of these classes and tenants, redacted where it has to be. */
export const gatewayWays: ObjectGuard = forObjects("GRD-245", ["ConfigMap"], ({ body }, { residency }) => {
  const text = fields(body.data)["settings.json"];
  if (typeof text !== "string") return [];
  const settings = settingsOf(text);
  if (settings === null) return ["cannot be read as the gateway's settings"];
  // Settings of other services name no placements.
  if (settings.placements === undefined) return [];
  const backends = Object.entries(fields(settings.backends)).map(([name, backend]) => ({ name, ...fields(backend) }));
  const outside = new Map(
    backends
      .filter(({ location }: Json) => location === "outside")
      .map(({ name, url }: Json & { readonly name: string }) => [name, frontierAt(String(url), residency.frontiers)]),
  );
  return [
    ...backends
      .filter(({ name, url }: Json & { readonly name: string }) => !outside.has(name) && !isInside(String(url)))
      .map(({ name }) => `takes ${name} for inside, which is not a Service of the cluster`),
    ...[...outside].filter(([, frontier]) => frontier === null).map(([name]) => `calls ${name}, which was not decided`),
    ...list(settings.placements)
      .map(fields)
      .flatMap((placement) => strangers(placement, outside)),
    ...unredacted(settings, residency.frontiers),
  ];
});

function settingsOf(text: string): Json | null {
  try {
    return fields(JSON.parse(text));
  } catch {
    return null;
  }
}

function isInside(url: string): boolean {
  return URL.canParse(url) && /\.svc(\.cluster\.local)?$/.test(new URL(url).hostname);
}

function frontierAt(url: string, frontiers: readonly FrontierFact[]): FrontierFact | null {
  if (!URL.canParse(url) || new URL(url).protocol !== "https:") return null;
  const { host, port } = frontierHost(url);
  return frontiers.find((frontier) => frontier.host === host && frontier.port === port) ?? null;
}

/** Backends outside that a placement gives to a class or a tenant without a decision. */
function strangers(
  { dataClass, tenant, backends }: Json,
  outside: ReadonlyMap<string, FrontierFact | null>,
): readonly string[] {
  return list(backends)
    .map(String)
    .filter((name) => {
      const frontier = outside.get(name);
      return (
        frontier !== undefined &&
        frontier !== null &&
        !frontier.requests.some((each) => each.dataClass === dataClass && each.tenants.includes(String(tenant)))
      );
    })
    .map((name) => `lets requests of ${String(tenant)} with the class ${String(dataClass)} go to ${name}`);
}

function unredacted({ dataClasses, redactor }: Json, frontiers: readonly FrontierFact[]): readonly string[] {
  const redacted = frontiers
    .flatMap(({ requests }) => requests)
    .filter(({ isRedacted }) => isRedacted)
    .map(({ dataClass }) => dataClass);
  return [...new Set(redacted)]
    .filter((name) => redactor === undefined || fields(fields(dataClasses)[name]).leavesBoundary !== "redacted")
    .map((name) => `sends the class ${name} as it is`);
}
