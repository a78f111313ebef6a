import { agentCodes } from "./codes/agents.ts";
import { calibrationCodes } from "./codes/calibration.ts";
import { capacityCodes } from "./codes/capacity.ts";
import { catalogCodes } from "./codes/catalog.ts";
import { costCodes } from "./codes/cost.ts";
import type { CodeEntry } from "./codes/entry.ts";
import { exposureCodes } from "./codes/exposure.ts";
import { factCodes } from "./codes/facts.ts";
import { gatewayCodes } from "./codes/gateway.ts";
import { guardCodes } from "./codes/guard.ts";
import { objectGuardCodes } from "./codes/guard-objects.ts";
import { imageCodes } from "./codes/images.ts";
import { licenceCodes } from "./codes/licence.ts";
import { localClusterCodes } from "./codes/local-cluster.ts";
import { lockCodes } from "./codes/lock.ts";
import { pilotCodes } from "./codes/pilot.ts";
import { residencyCodes, residencyDecisionCodes } from "./codes/residency.ts";
import { resolveCodes } from "./codes/resolve.ts";
import { routingCodes } from "./codes/routing.ts";
import { runCodes } from "./codes/run.ts";
import { shapeCodes } from "./codes/shape.ts";
import { sizingCodes } from "./codes/sizing.ts";
import { wayInCodes } from "./codes/way-in.ts";

/**
 * Every code the product can print, with its texts. A code is permanent: never reused, never renamed;
 * a retired one stays in the list. `docs/reference/errors.md` is made from this.
 *
 * CFG shape of the stack file, CAP capacity, CAT the catalog, CST cost and hosting, LIC licences of models, RES residency, GTW the gateway, AGT the agents, RTE routing, LCK lock file
 * (1xx its use, 2xx its making), PLT the ledger of a pilot, CLB the labelled set of a calibration, IMG images of the services, GRD guards on the synthesized output, RUN the world outside (1xx tools and
 * clusters, 2xx the local cluster).
 */
export const codes = {
  ...shapeCodes,
  ...capacityCodes,
  ...catalogCodes,
  ...sizingCodes,
  ...factCodes,
  ...licenceCodes,
  ...costCodes,
  ...residencyCodes,
  ...residencyDecisionCodes,
  ...gatewayCodes,
  ...exposureCodes,
  ...agentCodes,
  ...routingCodes,
  ...lockCodes,
  ...resolveCodes,
  ...pilotCodes,
  ...imageCodes,
  ...calibrationCodes,
  ...guardCodes,
  ...objectGuardCodes,
  ...runCodes,
  ...wayInCodes,
  ...localClusterCodes,
} as const;

export type Code = keyof typeof codes;

/** What the texts of one code need to know. */
export type CodeParameters<C extends Code> = (typeof codes)[C] extends CodeEntry<infer P> ? P : never;
