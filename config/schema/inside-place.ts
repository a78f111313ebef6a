import * as z from "zod";

/** Pods of others in this cluster, as network policies select them. */
const pods = z.strictObject({
  namespace: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    .meta({ description: "Their namespace." }),
  labels: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$/)
        .max(317),
      z
        .string()
        .regex(/^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$/)
        .max(63),
    )
    .refine((labels) => Object.keys(labels).length > 0, "at least one label")
    .meta({ description: "Labels that all of them carry, such as `app.kubernetes.io/name: postgres`." }),
});

/** Where something stands that pods of the stack call: pods of the cluster, or private addresses. One of the two. */
export const insidePlace = {
  pods: pods.optional().meta({
    description: "The pods that answer, where they run in this cluster. Left out: `networks` says where it stands.",
  }),
  networks: z.array(z.string().min(1).max(50)).min(1).max(16).optional().meta({
    description:
      "Private networks that it stands in, such as `10.40.7.0/24`, where it does not run in this cluster. Left out: `pods` says where it stands.",
  }),
};
