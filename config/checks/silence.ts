import { type Code, codes } from "../diagnostics/codes.ts";
import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { editDistance } from "../diagnostics/nearest.ts";
import { check } from "./check.ts";

/** A silence names a warning that exists. */
export const silence = check({
  reads: ["silence"],
  run: ({ silence: silenced }) =>
    Object.keys(silenced ?? {}).flatMap((code) => {
      const place = at(["silence", code], "key");
      if (!isCode(code)) return [finding("CFG-214", place, { code, nearest: nearestWarning(code) })];
      const { severity, summary } = codes[code];
      return severity === "error" ? [finding("CFG-215", place, { code, summary })] : [];
    }),
});

/** The warning one letter away: codes are alike, so anything further is a guess. */
function nearestWarning(code: string): Code | null {
  const near = Object.entries(codes).find(
    ([known, { severity }]) => severity === "warning" && editDistance(code.toUpperCase(), known) <= 1,
  );
  return near === undefined ? null : (near[0] as Code);
}

/** A warning that the file accepts, with its written reason. */
export interface Silenced {
  readonly finding: Finding;
  readonly reason: string;
}

/** Findings without the warnings that the file accepts, and those apart, so that `explain` can list them. Errors always stay. */
export function applySilence(
  findings: readonly Finding[],
  accepted: Readonly<Record<string, string>> | undefined,
): { readonly findings: Finding[]; readonly silenced: Silenced[] } {
  const kept: Finding[] = [];
  const silenced: Silenced[] = [];
  for (const one of findings) {
    const reason = accepted !== undefined && Object.hasOwn(accepted, one.code) ? accepted[one.code] : undefined;
    if (one.severity === "error" || reason === undefined) kept.push(one);
    else silenced.push({ finding: one, reason });
  }
  return { findings: kept, silenced };
}

function isCode(text: string): text is Code {
  return Object.hasOwn(codes, text);
}
