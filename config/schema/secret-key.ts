import * as z from "zod";

/** A key of a Secret that is in the cluster already; its value never comes near this file. */
export const secretKey = z.strictObject({
  secret: z
    .string()
    .min(1)
    .max(253)
    .meta({ description: "Name of an existing Secret in the namespace of what reads it." }),
  key: z.string().min(1).max(253).meta({ description: "Key of that Secret, which becomes the name of a file." }),
});
