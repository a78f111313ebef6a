import * as z from "zod";
import { usd } from "./money.ts";

export const team = z.strictObject({
  engineers: z.number().min(0).max(1000).meta({
    description:
      "Full-time equivalents that run the stack, such as 1.5; their cost is counted beside the GPUs. Engineers.",
  }),
  costPerMonth: z
    .strictObject({
      usd: usd.meta({ description: "Cost of one engineer a month, taxes and overhead included. US dollars." }),
    })
    .meta({ description: "What one engineer costs a month." }),
});
