import * as z from "zod";
import { stackFile } from "./index.ts";

/**
 * The JSON schema of the stack file, as text ending in a newline: what editors complete and explain from. Draft 7,
 * because that is the newest that every release of the yaml language server reads; keys with a default are optional
 * (`io: "input"`), because people leave them out.
 */
export function jsonSchemaText(): string {
  const { $schema, ...schema } = z.toJSONSchema(stackFile, { io: "input", target: "draft-7" });
  const note = "Made by `npm run generate` from config/schema/. Do not edit.";
  return `${JSON.stringify({ $comment: note, $schema, title: "Freehold stack file", ...schema }, null, 2)}\n`;
}
