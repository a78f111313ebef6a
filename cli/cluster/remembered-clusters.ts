import * as z from "zod";
import { remembered } from "./remembered.ts";

const rememberedCluster = z.object({ context: z.string(), uid: z.string() });

/** A cluster that a stack of this checkout was deployed to: the UID is its identity, the context the way there. */
export type RememberedCluster = z.output<typeof rememberedCluster>;

const clusters = remembered<RememberedCluster>("clusters.json", rememberedCluster);

/** The cluster remembered for `<name>/<environment>`, or null. */
export const recallCluster = clusters.recall;

/** Remembers a cluster for `<name>/<environment>`; null forgets it. */
export const rememberCluster = clusters.remember;
