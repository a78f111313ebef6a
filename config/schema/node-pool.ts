import * as z from "zod";

export const nodePool = z.strictObject({
  accelerator: z.string().meta({ description: "A key of the accelerator catalog, such as `nvidia-h100-sxm`." }),
  gpusPerNode: z.int().min(1).max(72).meta({ description: "How many GPUs one node offers. GPUs." }),
  nodes: z
    .strictObject({
      min: z.int().min(0).max(1000).meta({ description: "How many nodes are always there. Nodes." }),
      max: z.int().min(1).max(1000).meta({
        description: "How many nodes can be there, by autoscaling or by hand. Equal to `min` for a fixed pool. Nodes.",
      }),
    })
    .meta({ description: "How many nodes the pool has." }),
  zones: z.array(z.string().min(1).max(63)).min(1).optional().meta({
    description: "Failure domains the nodes are spread over. Left out: one zone, and nothing survives its loss.",
  }),
  labels: z.record(z.string(), z.string()).optional().meta({
    description:
      "Node labels that select this pool. Left out: `freehold/node-pool: <name of the pool>`, which you put on its nodes.",
  }),
});
