import * as z from "zod";
import { acceleratorFacts } from "./accelerator-facts.ts";
import { modelFacts } from "./model-facts.ts";
import { repository } from "./primitives.ts";

/** Facts of the user's own, laid over the built-in catalog. */
export const catalogSection = z
  .strictObject({
    models: z.record(repository, modelFacts).optional().meta({
      description: "Facts about models, by Hugging Face repository. Left out: none beyond Freehold's catalog.",
    }),
    accelerators: z
      .record(
        z
          .string()
          .regex(/^[a-z0-9][a-z0-9.-]*$/)
          .max(60),
        acceleratorFacts,
      )
      .optional()
      .meta({
        description:
          "Facts about GPUs, by the name that `nodePools.<name>.accelerator` uses. Left out: none beyond Freehold's catalog.",
      }),
  })
  .optional()
  .meta({
    description:
      "Models and GPUs of your own; an entry replaces the one of Freehold's catalog with the same name. Left out: the catalog alone.",
  });
