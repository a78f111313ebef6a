import * as z from "zod";

export const residency = z.strictObject({
  mode: z.enum(["none", "region-bound", "sovereign", "air-gapped"]).meta({
    description:
      "Where requests may be processed: `none` anywhere, `region-bound` by any provider inside `regions`, `sovereign` only on what you run yourself inside `regions`, `air-gapped` on what you run without a connection outwards. Today it decides which offers the hosting comparison counts, and nothing else: no network rule, gateway or data class enforces it yet.",
  }),
  regions: z.array(z.string().min(1).max(60)).min(1).optional().meta({
    description:
      "Cloud regions (`eu-central-1`), countries (`de`) or areas (`eu`) that requests may be processed in. `region-bound` and `sovereign` need at least one. Left out: anywhere. Today the hosting comparison alone reads it; where your own nodes stand is not checked against it.",
  }),
});
