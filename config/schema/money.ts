import * as z from "zod";

/** An amount of US dollars: the only currency that the catalog and the arithmetic know. */
export const usd = z.number().min(0).max(1e9);

/** A calendar date that a price was read or quoted on. */
export const priceDate = z.iso.date();

/** Where a price of the user's own comes from. */
export const priceSource = z.string().min(1).max(200);

/** A price per million tokens. */
export const perMillionTokens = z.strictObject({
  usd: usd.meta({ description: "The amount. US dollars." }),
  per: z.literal("million-tokens").meta({ description: "What the price is for." }),
});
