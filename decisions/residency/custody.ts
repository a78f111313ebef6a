import { at, type Finding, finding } from "../../config/diagnostics/finding.ts";
import type { Config, ResidencyConfig } from "../../config/schema/index.ts";
import { type KeyCustody, keyCustodies, type ResidencyMode } from "../../config/schema/residency.ts";
import type { Decided } from "../blueprint.ts";
import { because, decided } from "../reason.ts";
import { lifting } from "./exceptions.ts";
import type { CustodyFact } from "./facts.ts";
import { becauseOfMode, isAtLeast, modeOf } from "./mode.ts";

const least: Readonly<Record<ResidencyMode, KeyCustody>> = {
  none: "provider",
  "region-bound": "customer",
  sovereign: "external",
  "air-gapped": "local",
};

/** Who may hold the keys, and who does. */
export function decideCustody(residency: ResidencyConfig | undefined): Decided<CustodyFact> {
  const mode = modeOf(residency);
  const [exception] = lifting(residency, "provider-keys", "state");
  const from = exception === undefined ? keyCustodies.indexOf(least[mode]) : 0;
  const used = residency?.keys?.custody ?? "provider";
  const fact = { accepted: keyCustodies.slice(from), used, reference: residency?.keys?.reference ?? null };
  const bound = becauseOfMode(residency, `${mode} accepts ${fact.accepted.join(", ")}.`);
  return exception === undefined
    ? decided(fact, bound)
    : decided(
        fact,
        bound,
        because(
          `residency.exceptions.${exception.name}`,
          `The provider may hold the keys until ${exception.until}: ${exception.reason}`,
        ),
      );
}

/** Keys are named from `region-bound` up, and the state's bucket uses one. */
export function checkCustody({ residency, state }: Config, { accepted, used }: CustodyFact): Finding[] {
  const mode = modeOf(residency);
  if (!isAtLeast(mode, "region-bound")) return [];
  const place = at(["residency", "mode"]);
  // Keys that are named and too weakly held are a finding of the file's own checks.
  if (residency?.keys === undefined) return accepted.includes(used) ? [] : [finding("RES-209", place, { mode })];
  if (state.backend !== "s3" || state.kmsKeyId !== undefined || accepted.includes("provider")) return [];
  const also = [{ path: ["residency", "keys"], text: "the keys are named here", token: "key" as const }];
  return [finding("RES-210", at(["state", "bucket"], "key"), { mode }, also)];
}
