/** Classes of SQLSTATE that say nothing of the request: connection, resources, intervention of an operator. */
const awayClasses = ["08", "53", "57"];

/** The code with which a server refuses a statement, or undefined for errors of another kind. */
export function sqlState(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code) ? code : undefined;
}

/** Codes of connections that cannot be opened or break. */
const awayCodes = [
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"],
  ...["EAI_AGAIN", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH"],
];

/** Whether the database does not answer at this moment, and may a moment later. */
export function isAway(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return awayClasses.includes(state.slice(0, 2));
  const { code, message = "" } = error as { code?: string; message?: string };
  // node-postgres gives these two no code.
  return (
    awayCodes.includes(code ?? "") || /^(timeout exceeded when trying to connect|Connection terminated)/.test(message)
  );
}

/** What is wrong with a database at a start, as one sentence with its fix; null where it is not the database's doing. */
export function databaseProblem(error: unknown): string | null {
  const { message = "", detail, code } = error as { message?: string; detail?: string; code?: string };
  if (isAway(error)) {
    return `The database that storage.urlFile names does not answer. Start it, or correct the URL (${code ?? message}).`;
  }
  const told = [message, ...(detail === undefined ? [] : [detail.replace(/\.$/, "")])].join(": ");
  switch (sqlState(error)) {
    case "28000":
    case "28P01":
      return `The database refuses its user: ${told}. Correct the URL that storage.urlFile or storage.ownerUrlFile names.`;
    case "3D000":
      return `${told}. Create it, or correct the URL that storage.urlFile or storage.ownerUrlFile names.`;
    case "42501":
      return (
        `The database's user lacks a right: ${told}. Who migrates owns the database and may create roles; ` +
        "storage.ownerUrlFile names such a user for `migrate` alone."
      );
    case "55P03":
      return `A table was in use for too long, and nothing was changed: ${told}. Run it again when the transaction that holds it has ended.`;
    default:
      return null;
  }
}
