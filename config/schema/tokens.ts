import * as z from "zod";
import { secretKey } from "./secret-key.ts";

/** Who signs the tokens of callers, and what of them names the tenant. `keySet` says how the issuer's keys are read. */
export const tokenKeys = (keySet: string) => ({
  issuer: z.string().min(1).max(500).meta({ description: "Who signs the tokens: their claim `iss`." }),
  audience: z.string().min(1).max(500).meta({ description: "For whom they are signed: their claim `aud`." }),
  keySet: secretKey.meta({ description: keySet }),
  tenantClaim: z.string().min(1).max(100).default("tenant").meta({
    description: "Claim that names the tenant. Left out: tenant.",
  }),
});
