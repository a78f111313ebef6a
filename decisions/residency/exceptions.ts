import { at, type Finding, finding } from "../../config/diagnostics/finding.ts";
import { subjectHere } from "../../config/other-side.ts";
import type { Config, ResidencyConfig } from "../../config/schema/index.ts";
import type { ExceptionRule } from "../../config/schema/residency.ts";
import { covers } from "../../config/subject.ts";
import { ageInDays } from "../catalog/age.ts";
import { sortedEntries } from "../figures.ts";
import type { ExceptionFact } from "./facts.ts";
import { isAtLeast, modeOf } from "./mode.ts";

/** Half a year, after which nobody remembers why: the exemption audits of comparable platforms ask for less. */
const longestDays = 180;

/** Exceptions of a file by name. From `sovereign` up none of them lifts anything. */
export function exceptionsOf(residency: ResidencyConfig | undefined): ExceptionFact[] {
  return sortedEntries(residency?.exceptions ?? {}).map(([name, exception]) => ({ name, ...exception }));
}

/** The exceptions that lift a rule for what lies at `path` of the file, such as `models.chat.versions.v1`. */
export function lifting(residency: ResidencyConfig | undefined, rule: ExceptionRule, path: string): ExceptionFact[] {
  if (isAtLeast(modeOf(residency), "sovereign")) return [];
  return exceptionsOf(residency).filter((exception) => exception.rule === rule && covers(exception.subject, path));
}

/** What the calendar has against exceptions. `used` are the names of those that lift something. */
export function checkExceptions(config: Config, used: ReadonlySet<string>, today: string): Finding[] {
  return exceptionsOf(config.residency).flatMap(({ name, rule, subject, until, acceptedBy }): Finding[] => {
    const path = ["residency", "exceptions", name];
    const also = subjectHere(config, subject);
    const days = ageInDays(today, until);
    if (days <= 0) return [finding("RES-201", at([...path, "until"]), { name, until, acceptedBy, today }, also)];
    const found: Finding[] = [];
    if (days > longestDays) {
      found.push(finding("RES-202", at([...path, "until"]), { name, until, days, limitDays: longestDays }, also));
    }
    if (!used.has(name)) found.push(finding("RES-203", at(path, "key"), { name, rule, subject }, also));
    return found;
  });
}
