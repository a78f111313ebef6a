import type { Config } from "../../config/schema/index.ts";
import type { Decided } from "../blueprint.ts";
import { type Catalog, lookUp } from "../catalog/index.ts";
import { byName, sortedEntries } from "../figures.ts";
import { reach } from "../hosting/residency-bounds.ts";
import { because, decided, policy } from "../reason.ts";
import type { EscalationCargo, FrontierFact } from "./facts.ts";
import { becauseOfMode, isAtLeast, modeOf } from "./mode.ts";

/** What an escalated request of each data class may carry out. */
export function decideEscalation({
  residency,
  gateway,
}: Pick<Config, "residency" | "gateway">): Readonly<Record<string, Decided<EscalationCargo>>> {
  const mode = modeOf(residency);
  return Object.fromEntries(
    sortedEntries(residency?.dataClasses ?? {}).map(([name, { leavesBoundary, personalData }]) => {
      const path = `residency.dataClasses.${name}`;
      if (isAtLeast(mode, "sovereign")) {
        return [name, decided<EscalationCargo>("nothing", becauseOfMode(residency, `Under ${mode} nothing leaves.`))];
      }
      if (leavesBoundary === "allowed" && !personalData) {
        return [
          name,
          decided<EscalationCargo>("everything", because(path, "It may leave, and holds no personal data.")),
        ];
      }
      if (leavesBoundary === "redacted" && gateway?.redactor !== undefined) {
        return [
          name,
          decided<EscalationCargo>(
            "redacted",
            because(path, "It leaves only redacted."),
            because("gateway.redactor", "The gateway takes identifiers out before anything is sent."),
          ),
        ];
      }
      const text =
        leavesBoundary === "never"
          ? "It never leaves."
          : leavesBoundary === "redacted"
            ? "It leaves only redacted, and the file has no redactor."
            : "It holds personal data, which never leaves as it is.";
      return [name, decided<EscalationCargo>("nothing", because(path, text))];
    }),
  );
}

/** Providers that escalated requests may go to: those of models outside, and alternatives of workloads that escalate, inside the allowed regions. */
export function decideEndpoints(
  { workloads = {}, residency }: Config,
  catalog: Catalog,
  cargo: Readonly<Record<string, Decided<EscalationCargo>>>,
  frontiers: readonly FrontierFact[],
): Decided<readonly string[]> {
  const reachable = sortedEntries(workloads).flatMap(([name, { alternative, escalationShare, dataClass }]) => {
    const provider = alternative === undefined ? null : lookUp(catalog.providers, alternative.provider);
    if (provider === null || alternative === undefined || escalationShare === 0) return [];
    const carries =
      dataClass === undefined
        ? modeOf(residency) === "none"
        : (lookUp(cargo, dataClass)?.value ?? "nothing") !== "nothing";
    if (!carries || reach(provider, residency, alternative.regions).status !== "available") return [];
    return [{ name, provider: alternative.provider }];
  });
  const [first, ...others] = [
    ...frontiers.map(({ name, provider }) =>
      because(`routing.frontiers.${name}`, `Requests are sent on to ${name}, which ${provider} runs.`),
    ),
    ...reachable.map(({ name, provider }) =>
      because(`workloads.${name}.escalationShare`, `${name} escalates to ${provider}.`),
    ),
  ];
  const providers = [...new Set([...frontiers, ...reachable].map(({ provider }) => provider))].sort(byName);
  return first === undefined
    ? decided(
        providers,
        policy("No model outside is named, and no workload escalates to a provider that may be reached."),
      )
    : decided(providers, first, ...others);
}
