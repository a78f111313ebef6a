import { capacityCodes } from "./codes/capacity.ts";
import { costCodes } from "./codes/cost.ts";
import type { CodeEntry } from "./codes/entry.ts";
import { factCodes } from "./codes/facts.ts";
import { guardCodes } from "./codes/guard.ts";
import { objectGuardCodes } from "./codes/guard-objects.ts";
import { licenceCodes } from "./codes/licence.ts";
import { localClusterCodes } from "./codes/local-cluster.ts";
import { lockCodes } from "./codes/lock.ts";
import { residencyCodes, residencyDecisionCodes } from "./codes/residency.ts";
import { resolveCodes } from "./codes/resolve.ts";
import { runCodes } from "./codes/run.ts";
import { shapeCodes } from "./codes/shape.ts";

/**
 * Every code the product can print, with its texts. A code is permanent: never reused, never renamed;
 * a retired one stays in the list. `docs/reference/errors.md` is made from this.
 *
 * CFG shape of the stack file, CAP capacity, CST cost and hosting, LIC licences of models, RES residency, LCK lock file (1xx its use, 2xx its
 * making), GRD guards on the synthesized output, RUN the world outside (1xx tools and clusters, 2xx the local cluster).
 */
export const codes = {
  ...shapeCodes,
  ...capacityCodes,
  ...factCodes,
  ...licenceCodes,
  ...costCodes,
  ...residencyCodes,
  ...residencyDecisionCodes,
  ...lockCodes,
  ...resolveCodes,
  ...guardCodes,
  ...objectGuardCodes,
  ...runCodes,
  ...localClusterCodes,
} as const;

export type Code = keyof typeof codes;

/** What the texts of one code need to know. */
export type CodeParameters<C extends Code> = (typeof codes)[C] extends CodeEntry<infer P> ? P : never;
