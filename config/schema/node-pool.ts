import * as z from "zod";
import { priceDate, priceSource, usd } from "./money.ts";

const price = z.strictObject({
  usd: usd.meta({ description: "What one node or one GPU costs an hour, commitment included. US dollars." }),
  per: z.enum(["node-hour", "gpu-hour"]).meta({
    description:
      "`node-hour`: whole nodes are paid, used or not. `gpu-hour`: only GPUs that serve are paid, as clouds that rent single GPUs bill.",
  }),
  asOf: priceDate.meta({
    description:
      "Day on which the price was read or quoted, `YYYY-MM-DD`. A price without a date cannot be told from an outdated one.",
  }),
  source: priceSource.meta({ description: "Where the price is written down, such as `our quote`." }),
  commitment: z.enum(["on-demand", "1-year", "3-year", "own"]).default("on-demand").meta({
    description:
      "How the capacity is had: by the hour, committed for a year or three, or owned. It is told, not converted: `usd` is the price that holds. Left out: on-demand.",
  }),
});

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
  price: price.optional().meta({
    description:
      "What the pool's capacity costs. Left out: the cheapest dated list price of the catalog for the same GPU and node size in an allowed region; where there is none, no cost is computed.",
  }),
});
