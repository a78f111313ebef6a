import type { Config } from "./schema/index.ts";

/** Class of requests where the file defines none. */
export const unclassified = "unclassified";
/** The strictest first: a request or an assistant that names no class is taken for one. */
const strictness = ["never", "redacted", "allowed"] as const;

type DataClass = NonNullable<NonNullable<Config["residency"]>["dataClasses"]>[string];

/** The classes that the file defines, the strictest first. */
export function sortedDataClasses({ residency }: Pick<Config, "residency">): [string, DataClass][] {
  return Object.entries(residency?.dataClasses ?? {}).sort(
    ([a, { leavesBoundary: ofA }], [b, { leavesBoundary: ofB }]) =>
      strictness.indexOf(ofA) - strictness.indexOf(ofB) || (a < b ? -1 : 1),
  );
}
