import { awsInstances } from "./aws.ts";
import { azureInstances } from "./azure.ts";
import type { Instance } from "./instance-list.ts";
import { otherInstances } from "./others.ts";

export type { Instance } from "./instance-list.ts";

/** Every GPU instance with a source. No price by the year for a single instance was found anywhere: see `commitments`. */
export const instances: readonly Instance[] = [...awsInstances, ...azureInstances, ...otherInstances];
