import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { check } from "./check.ts";

/** Patterns of one's own are patterns, and find something. */
export const gatewayRedactor = check({
  reads: ["gateway"],
  run: ({ gateway }) =>
    Object.entries(gateway?.redactor?.patterns ?? {}).flatMap(([name, pattern]): Finding[] => {
      const detail = problemOf(pattern);
      return detail === null
        ? []
        : [finding("GTW-112", at(["gateway", "redactor", "patterns", name]), { name, detail })];
    }),
});

function problemOf(pattern: string): string | null {
  try {
    return new RegExp(pattern, "u").test("") ? "it finds the empty text, which is everywhere" : null;
  } catch (error) {
    // `Invalid regular expression: /(/u: Unterminated group`
    return (error as Error).message.replace(/^.*\/u: /s, "");
  }
}
