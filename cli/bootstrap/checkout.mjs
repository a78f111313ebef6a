import { fileURLToPath } from "node:url";

/** Root folder of the checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");

/** A fault of the machine that the user can mend; printed without a stack trace. */
export class BootstrapError extends Error {
  name = "BootstrapError";
}
