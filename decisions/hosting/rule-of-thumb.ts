import type { ResidencyConfig } from "../../config/schema/index.ts";
import type { Decided } from "../blueprint.ts";
import { volumeText } from "../cost/money.ts";
import { because, decided, policy } from "../reason.ts";
import { isBound } from "./residency-bounds.ts";

/** What to do about a workload. */
export type Verdict = "api" | "pilot" | "self-host";

/** Below this an API. Tokens a month. */
const pilotFromTokens = 1e9;
/** Above this, self-hosting. Tokens a month. */
const selfHostAboveTokens = 10e9;

/** The plain rule that people go by: volume and residency alone, prices left out. */
export function ruleOfThumb(
  name: string,
  tokensPerMonth: number,
  residency: ResidencyConfig | undefined,
): Decided<Verdict> {
  if (isBound(residency)) {
    return decided<Verdict>(
      "self-host",
      because(
        "residency.mode",
        `Requests are ${residency?.mode ?? ""}; by the rule of thumb any such constraint means self-hosting.`,
      ),
    );
  }
  const volume = because(
    `workloads.${name}.tokensPerMonth`,
    `The volume is ${volumeText(tokensPerMonth)} tokens a month.`,
  );
  if (tokensPerMonth < pilotFromTokens) {
    return decided<Verdict>("api", volume, policy("Under 1 billion tokens a month without a constraint: an API."));
  }
  if (tokensPerMonth <= selfHostAboveTokens) {
    return decided<Verdict>(
      "pilot",
      volume,
      policy("From 1 to 10 billion tokens a month: a pilot of 30 days with both options."),
    );
  }
  return decided<Verdict>("self-host", volume, policy("Over 10 billion tokens a month: self-hosting."));
}
