import { randomUUID } from "node:crypto";
import * as z from "zod";
import { AnswerRefused, answerQuestions } from "../people/approvals.ts";
import { stopRuns } from "../runs/queue.ts";
import type { RunRequest, RunRow } from "../runs/run.ts";
import type { Settings } from "../settings.ts";
import type { Transaction } from "../storage/database.ts";
import { BudgetSpent, countRun, limitsOf } from "../tenants/budget.ts";
import type { AssistantRow } from "./assistant-row.ts";
import { resolveAssistant } from "./assistants.ts";
import type { Api, Caller } from "./context.ts";
import type { JsonObject } from "./json.ts";
import { notFound, Problem } from "./problem.ts";
import { createThread, findThread } from "./threads.ts";

const json = z.record(z.string(), z.unknown());
const modes = z.enum([
  "values",
  "updates",
  "messages",
  "messages-tuple",
  "custom",
  "debug",
  "tasks",
  "checkpoints",
  "events",
]);
const nodes = z.union([z.literal("*"), z.array(z.string())]);
/** What a caller says of a run, on every route that makes one. */
export const runBody = z.object({
  assistant_id: z.string(),
  input: z.unknown().optional(),
  command: z
    .object({
      resume: z.unknown().optional(),
      goto: z.union([z.string(), z.array(z.string())]).optional(),
      update: json.optional(),
    })
    .nullish(),
  stream_mode: z.union([modes, z.array(modes)]).nullish(),
  stream_subgraphs: z.boolean().nullish(),
  config: z
    .object({
      tags: z.array(z.string()).optional(),
      recursion_limit: z.int().min(1).optional(),
      configurable: json.optional(),
    })
    .nullish(),
  context: json.nullish(),
  metadata: json.nullish(),
  checkpoint: z.object({ checkpoint_id: z.string().optional(), checkpoint_ns: z.string().optional() }).nullish(),
  checkpoint_id: z.string().nullish(),
  interrupt_before: nodes.nullish(),
  interrupt_after: nodes.nullish(),
  multitask_strategy: z.enum(["reject", "enqueue", "interrupt", "rollback"]).nullish(),
  if_not_exists: z.enum(["create", "reject"]).nullish(),
  on_disconnect: z.enum(["cancel", "continue"]).nullish(),
  // The Python SDK says delete and keep, the JavaScript one complete and continue.
  on_completion: z.enum(["delete", "keep", "complete", "continue"]).nullish(),
  after_seconds: z.number().min(0).nullish(),
  webhook: z.url().max(2048).nullish(),
});
export type RunBody = z.output<typeof runBody>;

/** Keys of `configurable` that only this service sets: a caller who could would speak for another run. */
const reserved = [
  "thread_id",
  "run_id",
  "tenant_id",
  "tool_ledger",
  "usage_meter",
  "run_span",
  "checkpoint_id",
  "checkpoint_ns",
  "checkpoint_map",
];

/** Refuses a webhook that the settings do not list: it is asked from inside the cluster. */
export function checkWebhook({ webhooks }: Settings, webhook: string | null | undefined): void {
  if (webhook == null) return;
  const { origin, username, password } = new URL(webhook);
  if (webhooks?.origins.includes(origin) && username === "" && password === "") return;
  throw new Problem(422, `webhook: ${origin} is not among the origins that the settings list; no other is asked.`);
}

/** The run as a durable row: what is answered after this survives every process. */
export async function acceptRun(api: Api, caller: Caller, body: RunBody, threadId: string | null): Promise<RunRow> {
  checkWebhook(api.settings, body.webhook);
  const assistant = await resolveAssistant(api, caller.tenant, body.assistant_id);
  return api.database.asTenant(caller.tenant, (transaction) =>
    insertRun(api, transaction, caller, assistant, body, threadId),
  );
}

/** Several runs as durable rows, each on a thread of its own: all of them, or where one is refused none. */
export async function acceptRuns(api: Api, caller: Caller, bodies: readonly RunBody[]): Promise<RunRow[]> {
  const prepared: { body: RunBody; assistant: AssistantRow }[] = [];
  for (const body of bodies) {
    checkWebhook(api.settings, body.webhook);
    prepared.push({ body, assistant: await resolveAssistant(api, caller.tenant, body.assistant_id) });
  }
  return api.database.asTenant(caller.tenant, async (transaction) => {
    const runs: RunRow[] = [];
    for (const { body, assistant } of prepared) {
      runs.push(await insertRun(api, transaction, caller, assistant, body, null));
    }
    return runs;
  });
}

/** The same in a transaction that the caller has begun for the tenant, for an assistant that was looked up before it. */
export async function insertRun(
  api: Api,
  transaction: Transaction,
  { tenant, subject, trace }: Caller,
  assistant: AssistantRow,
  body: RunBody,
  threadId: string | null,
): Promise<RunRow> {
  const configurable: JsonObject = { ...(assistant.config.configurable as JsonObject), ...body.config?.configurable };
  for (const key of Object.keys(configurable)) {
    if (reserved.includes(key) || key.startsWith("__")) delete configurable[key];
  }
  const request: RunRequest = {
    agent: assistant.graph_id,
    input: (body.input ?? null) as RunRequest["input"],
    command: (body.command as RunRequest["command"]) ?? null,
    streamModes: [body.stream_mode ?? "values"].flat(),
    streamSubgraphs: body.stream_subgraphs ?? false,
    config: { ...body.config, configurable },
    context: { ...assistant.context, ...body.context },
    checkpoint: body.checkpoint ?? (body.checkpoint_id == null ? null : { checkpoint_id: body.checkpoint_id }),
    interruptBefore: body.interrupt_before ?? null,
    interruptAfter: body.interrupt_after ?? null,
    trace,
  };
  const strategy = body.multitask_strategy ?? "enqueue";
  const id = threadId ?? randomUUID();
  const metadata = { graph_id: assistant.graph_id, assistant_id: assistant.assistant_id };
  let thread = threadId === null ? null : await findThread(transaction, id);
  if (thread === null && (threadId === null || body.if_not_exists === "create")) {
    thread = await createThread(transaction, tenant, id, metadata);
  }
  if (thread === null) throw notFound("thread", id);
  // Two requests for one thread take turns here, or both would see it free.
  await transaction.query("select 1 from orchestrator.threads where thread_id = $1 for update", [id]);
  const live = await transaction.query<{ run_id: string }>(
    "select run_id from orchestrator.runs where thread_id = $1 and status in ('pending', 'running')",
    [id],
  );
  if (live.rows.length > 0 && strategy === "reject") {
    throw new Problem(409, "The thread has a live run. Choose the multitask strategy enqueue, interrupt or rollback.");
  }
  if (strategy === "interrupt" || strategy === "rollback") {
    await stopRuns(
      transaction,
      live.rows.map((row) => row.run_id),
      strategy,
    );
  }
  await countRun(transaction, tenant, limitsOf(api.settings.tenants, tenant)).catch((error) => {
    throw error instanceof BudgetSpent ? new Problem(429, error.message) : error;
  });
  if (body.command?.resume !== undefined) {
    await answerQuestions(transaction, id, body.command.resume, subject).catch((error) => {
      throw error instanceof AnswerRefused ? new Problem(422, error.message) : error;
    });
  }
  const { rows } = await transaction.query<RunRow>(
    `insert into orchestrator.runs (run_id, tenant_id, thread_id, assistant_id, graph_id, max_attempts, request, metadata,
       multitask_strategy, is_stateless, available_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp() + make_interval(secs => $11)) returning *`,
    [
      randomUUID(),
      tenant,
      id,
      assistant.assistant_id,
      assistant.graph_id,
      api.settings.runs.maxAttempts,
      JSON.stringify(request),
      JSON.stringify(body.metadata ?? {}),
      strategy,
      threadId === null && body.on_completion !== "keep" && body.on_completion !== "continue",
      body.after_seconds ?? 0,
    ],
  );
  if (body.webhook != null) {
    await transaction.query(
      "insert into orchestrator.webhook_deliveries (delivery_id, tenant_id, run_id, url) values ($1, $2, $3, $4)",
      [randomUUID(), tenant, rows[0]?.run_id, body.webhook],
    );
  }
  await transaction.query(
    "update orchestrator.threads set status = 'busy', metadata = metadata || $2::jsonb, updated_at = clock_timestamp() where thread_id = $1",
    [id, JSON.stringify(metadata)],
  );
  return rows[0] as RunRow;
}
