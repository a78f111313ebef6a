import { readFileSync } from "node:fs";

/** The header with the token of a file; none without a file. Read at each call: a Secret that is renewed is taken at once. */
export function authorizationOf(tokenFile: string | undefined): Record<string, string> {
  return tokenFile === undefined ? {} : { authorization: `Bearer ${readFileSync(tokenFile, "utf8").trim()}` };
}
