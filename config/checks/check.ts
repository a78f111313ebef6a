import type { Finding } from "../diagnostics/finding.ts";
import type { Config } from "../schema/index.ts";

export type Section = keyof Config;

/** One rule across sections. It says what it reads, so that it still runs when another part of the file is at fault. */
export interface Check {
  /** Sections the rule reads; it does not run while one of them could not be read at all. */
  readonly reads: readonly Section[];
  /** Sections of which the rule needs every entry: "is not defined" is only true of a complete list. */
  readonly needsAllOf: readonly Section[];
  run(sections: Partial<Config>): Finding[];
}

/** A rule that reads the sections `reads`, typed by them. */
export function check<S extends Section>(definition: {
  readonly reads: readonly S[];
  readonly needsAllOf?: readonly S[];
  run(sections: Pick<Config, S>): Finding[];
}): Check {
  return {
    reads: definition.reads,
    needsAllOf: definition.needsAllOf ?? [],
    // `runChecks` calls this only when every section of `reads` is there; the map of sections cannot say so.
    run: (sections) => definition.run(sections as Pick<Config, S>),
  };
}
