import type { Transaction } from "../storage/database.ts";
import type { JsonObject } from "./json.ts";

/** An assistant as it is stored. */
export interface AssistantRow {
  assistant_id: string;
  graph_id: string;
  name: string;
  description: string | null;
  config: JsonObject;
  context: JsonObject;
  metadata: JsonObject;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** When the agents of the settings file came to be: with the file, so no time of this process is right. */
export const beginning = new Date(0);
/** Whether it is an agent of the settings file, which no request changes. */
export function isBuiltIn(row: AssistantRow): boolean {
  return row.created_at === beginning;
}

/** The assistant as clients see it. */
export function wireAssistant(row: AssistantRow) {
  const { assistant_id, graph_id, name, description, config, context, metadata, version, created_at, updated_at } = row;
  return { assistant_id, graph_id, name, description, config, context, metadata, version, created_at, updated_at };
}

/** Writes down what the assistant is now, under its number. */
export async function keepVersion(transaction: Transaction, row: AssistantRow, tenant: string): Promise<void> {
  const json = (value: JsonObject) => JSON.stringify(value);
  await transaction.query(
    `insert into orchestrator.assistant_versions
       (tenant_id, assistant_id, version, graph_id, name, description, config, context, metadata)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tenant,
      row.assistant_id,
      row.version,
      row.graph_id,
      row.name,
      row.description,
      json(row.config),
      json(row.context),
      json(row.metadata),
    ],
  );
}
