import type { LockDefaults } from "../../config/lock/references.ts";
import { egressProxy } from "./egress-proxy.ts";
import { engines } from "./engines.ts";

/** Images of the releases that Freehold is tested with, which the lock holds where the file names none. */
export const lockDefaults: LockDefaults = {
  image: (engine) => engines[engine as keyof typeof engines].image,
  egressProxy: egressProxy.image,
};
