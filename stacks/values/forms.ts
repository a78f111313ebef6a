import * as z from "zod";

/** A Kubernetes quantity of bytes without a fraction. */
export const bytes = z.string().regex(/^[1-9][0-9]*(Ki|Mi|Gi|Ti|Pi)?$/);
/** A Kubernetes quantity of processor time. */
export const cpu = z.string().regex(/^[1-9][0-9]*m?$/);
export const labelValue = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/);
/** Name of most objects. */
export const objectName = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/);
/** The same where only some have one. */
export const nameOrEmpty = z
  .string()
  .regex(/^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$/)
  .default("");
export const network = z.string().regex(/^[0-9a-f.:]+\/[0-9]{1,3}$/);
export const namespaceName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
export const positive = z.int().min(1).max(2_147_483_647);
export const natural = z.int().min(0).max(2_147_483_647);
/** A port that no privilege is needed for. */
export const port = z.int().min(1024).max(65_535);
