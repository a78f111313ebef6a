import * as z from "zod";

/** Where a fact was read and as of when: what every entry of the catalog says about itself. */
export const sourced = {
  source: z
    .string()
    .min(10)
    .meta({ description: "Where the facts were read: an address, or a repository and path. At least 10 characters." }),
  asOf: z.union([z.literal("unknown"), z.iso.date()]).meta({
    description:
      "Date of that source, `YYYY-MM-DD`; `unknown` when it has none, which is warned of where the facts are used.",
  }),
};
